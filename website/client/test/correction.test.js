import assert from "node:assert/strict";
import { test } from "node:test";
import { fault, fields, issue, mail, problems, sourceId, tableOf, written, yaml } from "../src/correction.js";

const schema = {
  repository: "https://github.com/example/borderledger",
  tables: {
    deployments: {
      title: "Deployments",
      fields: [
        { name: "id", title: "Identifier", kind: "string", pattern: "dep-[a-z0-9-]+" },
        { name: "date", title: "Date", kind: "string", pattern: "[0-9]{4}(?:-[0-9]{2})?~?", bound: true },
        { name: "officers", title: "Officers", kind: "integer", minimum: 0, bound: true },
        { name: "officers_qualifier", title: "Qualifier", kind: "string", categories: { exact: "", about: "", range: "" } },
        { name: "officers_max", title: "Upper end", kind: "integer" },
        { name: "themes", title: "Themes", kind: "string", categories: { a: "", b: "" }, delimiter: ";" },
        { name: "note", title: "Note", kind: "string" },
        { name: "source_id", title: "Source", kind: "string" },
      ],
    },
    organisations: { title: "Organisations", fields: [{ name: "id", required: true, pattern: "[a-z0-9-]+", categories: {} }, { name: "name", required: true, kind: "string" }] },
    sources: { title: "Sources", fields: [{ name: "id" }, { name: "title", required: true, kind: "string" }, { name: "url", kind: "string", required: true, pattern: "https?://\\S+" }] },
  },
};
const answers = (change) => ({
  action: "change", record: "dep-x-2024", table: "deployments", locator: "p. 4", kind: "correction", old_claim: "", successor: "",
  source: "abc-2024", reason: "The report has another figure.", values: [{ field: "officers", old: "20", new: "25", qualifier: "about", max: "", note: "" }], ...change,
});
const keys = (change) => problems(answers(change), schema).map(({ key }) => key);

test("the parts of a figure are no fields of their own", () => {
  assert.deepEqual(fields(schema, "deployments").map(({ name }) => name), ["date", "officers", "themes", "note"]);
});

test("an identifier tells the table of its record", () => {
  assert.equal(tableOf(schema, "dep-x-2024"), "deployments");
  assert.equal(tableOf(schema, "abc-2024"), "sources");
});

test("a complete correction has no problem, and each gap is named", () => {
  assert.deepEqual(keys({}), []);
  assert.deepEqual(keys({ record: "Not An Id" }), ["record"]);
  assert.deepEqual(keys({ reason: "short" }), ["reason"]);
  assert.deepEqual(keys({ source: "", locator: "" }), ["source", "locator"]);
  assert.deepEqual(keys({ values: [{ field: "officers", old: "", new: "25", qualifier: "" }] }), ["values.0.qualifier"]);
  assert.deepEqual(keys({ values: [{ field: "officers", old: "", new: "25", qualifier: "range", max: "" }] }), ["values.0.max"]);
  assert.deepEqual(keys({ values: [{ field: "date", old: "2024", new: "2024" }] }), ["values.0.new"]);
  assert.deepEqual(keys({ values: [{ field: "note", old: "", new: "x" }], source: "", locator: "" }), []);
  assert.deepEqual(keys({ source: { title: "", url: "ftp://x" } }), ["source.title", "source.url"]);
  assert.deepEqual(keys({ action: "retire", values: [], source: "", locator: "" }), []);
});

test("an answer that was left open empties no field; the word (empty) does", () => {
  const value = (old, fresh) => [{ field: "officers", old, new: fresh, qualifier: "" }];
  assert.deepEqual(keys({ values: value("20", "") }), ["values.0.new"]);
  assert.deepEqual(keys({ values: value("", "(empty)") }), ["values.0.new"]);
  assert.deepEqual(keys({ action: "claim", values: value("20", "(empty)") })[0], "values.0.new");
  assert.deepEqual(keys({ values: value("20", "(empty)") }), []);
  assert.deepEqual(written(answers({ values: value("20", "(empty)") }), schema).values, [{ field: "officers", old: "20", new: "" }]);
});

test("a value has the form of its field", () => {
  const [date, officers, themes] = fields(schema, "deployments");
  for (const [field, value, fits] of [[date, "2024-05~", true], [date, "May 2024", false], [officers, "1,000", false], [officers, "1.5", false], [officers, "-1", false], [officers, "7", true], [themes, "a;b", true], [themes, "a;c", false]])
    assert.equal(fault(value, field) === "", fits, `${field.name} ${value}`);
});

test("YAML quotes what would be something else without quotes", () => {
  const text = yaml({ action: "change", values: [{ field: "party_a", old: "NO", new: "a: b # c" }, { field: "date", old: "", new: "2024" }], reason: "- [x]\n\"y\"" });
  assert.equal(text, 'action: change\nvalues:\n  - field: party_a\n    old: "NO"\n    new: "a: b # c"\n  - field: date\n    old: ""\n    new: "2024"\nreason: "- [x]\\n\\"y\\""\n');
});

test("the document has only what its action uses", () => {
  assert.deepEqual(written(answers({ action: "claim", old_claim: "keep", kind: "revision" }), schema), {
    action: "claim", record: "dep-x-2024", values: [{ field: "officers", old: "20", new: "25", qualifier: "about" }],
    source: "abc-2024", locator: "p. 4", reason: "The report has another figure.",
  });
  assert.deepEqual(Object.keys(written(answers({ action: "retire", successor: "dep-y" }), schema)), ["action", "record", "successor", "reason"]);
  const fresh = written(answers({ source: { title: "T", url: "https://x.org", publisher: "Ministère de l’Intérieur", published: "2024-05" } }), schema);
  assert.equal(fresh.source.id, "ministere-de-l-interieur-2024-05");
  assert.equal(sourceId({}), "source");
});

test("a body that the dataset does not know comes along, if a value names it", () => {
  const values = [{ field: "note", old: "", new: "a;new-body" }];
  const bodies = (id, name = "New Body") => ({ values, organisations: [{ id, name }] });
  assert.deepEqual(keys(bodies("new-body")), []);
  assert.deepEqual(keys(bodies("other")), ["organisations.0.id"]);
  assert.deepEqual(keys(bodies("", "")), ["organisations.0.id", "organisations.0.name"]);
  const whole = written(answers({ values, organisations: [{ id: "new-body", name: "New Body", place: "" }] }), schema);
  assert.deepEqual(whole.organisations, [{ id: "new-body", name: "New Body" }]);
  assert.equal(tableOf(schema, "new-body"), "sources");
});

test("a value can come from a source of its own, and the source can become the one to read first", () => {
  const values = [{ field: "note", old: "", new: "x", source: "b-2023", locator: "p. 2" }];
  const whole = written(answers({ values, read_first: "yes" }), schema);
  assert.deepEqual(whole.values, [{ field: "note", old: "", new: "x", source: "b-2023", locator: "p. 2" }]);
  assert.equal(whole.read_first, "yes");
  assert.equal(written(answers({ action: "record", read_first: "yes" }), schema).read_first, undefined);
  assert.deepEqual(keys({ values: [{ ...values[0], source: "Not An Id" }] }), ["values.0.source"]);
  // The form on GitHub has no question for these: the whole document goes there instead.
  const query = new URL(issue(schema, whole)).searchParams;
  assert.equal(query.get("template"), null);
  assert.match(query.get("body"), /source: b-2023/);
});

test("a report about a person names the place of the text, and nothing else", () => {
  const given = { action: "privacy", field: "note", values: [], source: "", locator: "" };
  assert.deepEqual(keys(given), []);
  assert.deepEqual(keys({ ...given, field: "" }), ["field"]);
  const whole = written(answers(given), schema);
  assert.deepEqual(Object.keys(whole), ["action", "record", "field", "reason"]);
  const query = new URL(issue(schema, whole)).searchParams;
  assert.deepEqual([...query.keys()], ["title", "template", "record", "field"]);
});

test("the form on GitHub is filled in, and there is none without an address on GitHub", () => {
  const query = new URL(issue(schema, written(answers({}), schema))).searchParams;
  assert.deepEqual(["template", "record", "field", "old", "new", "source"].map((key) => query.get(key)), ["wrong-value.yml", "dep-x-2024", "officers", "20", "25", "abc-2024"]);
  for (const repository of ["", undefined, "https://evil.example/a/b", "javascript:alert(1)"]) assert.equal(issue({ ...schema, repository }, written(answers({}), schema)), "");
});

test("a mail has the lines of the document", () => {
  const address = mail(schema, { action: "change", record: "a-b" });
  assert.equal(decodeURIComponent(address.split("body=")[1]), "action: change\r\nrecord: a-b\r\n");
});
