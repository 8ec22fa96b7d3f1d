// The form on the page correct/: builds the file of a correction. Nothing is sent; the reader takes the file along.
import { BROUGHT, bodyFields, fields, issue, mail, problems, tableOf, written, yaml } from "./correction.js";
import { el, fromFolder, json, root, save } from "./dom.js";
import { say } from "./texts.js";

const ACTIONS = ["change", "claim", "dispute", "record", "retire", "privacy"];

const form = document.getElementById("correct");
if (form) {
  json(form.dataset.schema).then((schema) => start(schema.tables ? schema : { tables: schema }), () => form.replaceChildren(el("p", {}, say("noForm") + (fromFolder() ? say("fromFolder") : ""))));
}

function start(schema) {
  const given = new URLSearchParams(location.search);
  let record = null; // {table, values} of the record that is corrected
  let serial = 0;

  // --- what the form is made of
  const labelled = (key, label, input, hint) => {
    const id = `c-${key.replaceAll(".", "-")}`;
    input.id = id;
    input.dataset.key = key;
    const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
    input.setAttribute("aria-describedby", described);
    return el("div", { class: "answer" },
      el("label", { for: id }, label), hint && el("p", { class: "hint", id: `${id}-hint` }, hint), input,
      el("p", { class: "error", id: `${id}-error` }));
  };
  const text = (attributes = {}) => el("input", { type: "text", autocomplete: "off", ...attributes });
  const menu = (options, empty = say("choose")) =>
    el("select", {}, empty !== null && el("option", { value: "" }, empty), options.map(([value, label]) => el("option", { value }, label)));
  const of = (categories) => menu(categories.map(({ value, label }) => [value, label && label !== value ? `${value}: ${label}` : value]));
  /** The input that fits a field. */
  const entry = (field) => {
    if (field.categories && !field.delimiter) return of(field.categories);
    return /^(note|description|title)$/.test(field.name) ? el("textarea", { rows: 2 }) : text({ inputmode: field.isNumber && "decimal" });
  };
  const hint = (field) => {
    const several = field.categories && field.delimiter;
    const values = several && field.categories.map((category) => category.value).join(", ");
    return several ? `${field.description} ${say("severalHint", { mark: field.delimiter, values })}` : field.description;
  };
  const radios = (name, legend, options) =>
    el("fieldset", {}, el("legend", {}, legend), options.map(([value, label], place) =>
      el("label", { class: "option" }, el("input", { type: "radio", name, value, checked: place === 0 }), " ", label)));

  const id = text({ spellcheck: "false", onchange: fetched });
  const tables = menu(Object.entries(schema.tables).filter(([name]) => !BROUGHT.includes(name)).map(([name, table]) => [name, table.title]));
  tables.addEventListener("change", () => { values.replaceChildren(); another(); hints(); });
  const table = labelled("table", say("table"), tables);
  const successor = labelled("successor", say("successor"), text({ spellcheck: "false" }));
  const values = el("div", { class: "values" });
  const more = el("button", { type: "button", onclick: () => another().querySelector("select").focus() }, say("another"));
  const sources = fields(schema, "sources");
  const place = labelled("field", say("field"), menu([]));
  const bodies = el("div", { class: "values" });
  const body = el("button", { type: "button", onclick: () => another_body().querySelector("input").focus() }, say("anotherBody"));
  const first = radios("read_first", say("readFirst"), [["no", say("no")], ["yes", say("readFirstYes")]]);
  const known = labelled("source", say("sourceId"), text({ spellcheck: "false" }));
  const fresh = el("div", { hidden: true }, sources.map((field) =>
    labelled(`source.${field.name}`, field.title + (field.required ? " *" : ""), entry(field), hint(field))));
  const source = el("fieldset", {}, el("legend", {}, say("sourceLegend")),
    radios("known", say("sourceLegend"), [["yes", say("known")], ["no", say("unknown")]]), known, fresh,
    labelled("locator", say("locator"), text({ maxlength: 300 }), say("locatorHint")), first);
  source.querySelector("fieldset legend").classList.add("hidden");
  const kind = radios("kind", say("why"), [["correction", say("correction")], ["revision", say("revision")]]);
  const claim = labelled("old_claim", say("oldClaim"), menu([["keep", say("keep")], ["misread", say("misread")], ["overtaken", say("overtaken")]]));
  const status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  const output = el("section", { class: "output", "aria-label": say("output"), tabindex: "-1", hidden: true });
  form.noValidate = true;
  form.replaceChildren(
    radios("action", say("task"), ACTIONS.map((action) => [action, say(action)])),
    table, labelled("record", say("id"), id, say("idHint")), successor, place, values, more, bodies, body, source, kind, claim,
    labelled("reason", say("reason"), el("textarea", { rows: 3, maxlength: 600 }), say("reasonHint")),
    el("button", { type: "submit", class: "primary" }, say("make")), status, output);

  const input = (key) => form.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const value = (key) => input(key)?.value.replace(/\s+/g, " ").trim() ?? "";
  const chosen = (name) => form.querySelector(`[name="${name}"]:checked`).value;
  const changes = () => !["retire", "privacy"].includes(chosen("action"));
  const current = () => (chosen("action") === "record" ? tables.value : record?.table ?? "");

  form.addEventListener("change", (event) => {
    output.hidden = true;
    if (event.target.name === "action") { values.replaceChildren(); if (current() && changes()) another(); }
    if (event.target.type === "radio") arrange();
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  arrange();
  if (given.get("record")) {
    id.value = given.get("record");
    fetched().then(() => {
      const field = values.querySelector("select");
      if (!field || !given.get("field")) return;
      field.value = given.get("field");
      field.dispatchEvent(new Event("change"));
    });
  }

  /** Shows what the chosen task needs. */
  function arrange() {
    const action = chosen("action");
    const some = changes() && values.children.length > 0;
    table.hidden = action !== "record";
    successor.hidden = action !== "retire";
    values.hidden = more.hidden = source.hidden = bodies.hidden = body.hidden = !some;
    first.hidden = action === "record";
    place.hidden = action !== "privacy" || !record;
    if (!place.hidden) place.querySelector("select").replaceChildren(el("option", { value: "" }, say("choose")),
      ...fields(schema, record.table).filter(({ name }) => record.values[name]).map(({ name, title }) => el("option", { value: name }, `${title} (${name})`)));
    kind.hidden = claim.hidden = action !== "change" || !some;
    known.hidden = chosen("known") !== "yes";
    fresh.hidden = !known.hidden;
    hints();
  }

  function hints() {
    const example = schema.tables[tables.value]?.fields.find(({ name }) => name === "id")?.example;
    const plain = example ? say("newIdHint", { example }) : say("newIdPlain");
    document.getElementById("c-reason-hint").textContent = say(chosen("action") === "privacy" ? "privacyHint" : "reasonHint");
    document.getElementById("c-record-hint").textContent = chosen("action") === "record" ? plain : say("idHint");
  }

  /** Reads the record whose identifier stands in the form. */
  async function fetched() {
    mark("record", "");
    if (chosen("action") === "record") return;
    record = null;
    values.replaceChildren();
    const name = id.value.trim();
    if (name) {
      const folder = tableOf(schema, name) === "sources" ? "source" : "record";
      const read = await json(`${root()}${folder}/${encodeURIComponent(name)}.json`).catch(() => null);
      if (id.value.trim() !== name) return; // the reader has gone on
      if (read) record = { table: read.table, values: read.fields };
      if (record && changes()) another();
      else if (!record) mark("record", say("noRecord", { id: name }));
    }
    arrange();
  }

  /** One more value: its field, what it is now, and what it should be. */
  function another() {
    const own = fields(schema, current());
    const key = `values.${serial++}`;
    const choice = menu(own.map((field) => [field.name, `${field.title} (${field.name})`]));
    const rest = el("div", {});
    const group = el("fieldset", { "data-value": key },
      el("legend", { class: "hidden" }, say("field")), labelled(`${key}.field`, say("field"), choice), rest);
    if (values.children.length) group.append(el("button", { type: "button", onclick: () => { group.remove(); more.focus(); } }, say("remove")));
    choice.addEventListener("change", () => {
      const field = own.find(({ name }) => name === choice.value);
      rest.replaceChildren();
      mark(`${key}.field`, "");
      if (!field) return;
      if (chosen("action") !== "record") {
        const old = text({ readonly: true });
        old.value = record.values[field.name] ?? "";
        rest.append(labelled(`${key}.old`, say("old"), old, old.value === "" ? say("oldHint") : undefined));
      }
      const fresh = entry(field);
      if (fresh.tagName === "SELECT" && chosen("action") === "change" && !field.required) fresh.append(el("option", { value: "(empty)" }, say("emptied")));
      rest.append(labelled(`${key}.new`, say("fresh"), fresh, hint(field)));
      if (field.qualifiers) {
        const qualifier = of(field.qualifiers);
        const max = labelled(`${key}.max`, say("max"), text({ inputmode: "decimal" }));
        max.hidden = true;
        qualifier.addEventListener("change", () => { max.hidden = qualifier.value !== "range"; });
        rest.append(labelled(`${key}.qualifier`, say("qualifier"), qualifier), max);
      }
      rest.append(labelled(`${key}.note`, say("note"), text({ maxlength: 600 })),
        el("details", {}, el("summary", {}, say("elsewhere")),
          labelled(`${key}.source`, say("sourceId"), text({ spellcheck: "false" }), say("elsewhereHint")),
          labelled(`${key}.locator`, say("locator"), text({ maxlength: 300 }))));
    });
    values.append(group);
    arrange();
    return group;
  }

  /** One more body that the dataset does not know. */
  function another_body() {
    const key = `organisations.${serial++}`;
    const group = el("fieldset", { "data-value": key }, el("legend", {}, say("newBody")),
      bodyFields(schema).map((field) => labelled(`${key}.${field.name}`, field.title + (field.required ? " *" : ""), entry(field), field.name === "id" ? say("bodyIdHint") : hint(field))),
      el("button", { type: "button", onclick: () => { group.remove(); body.focus(); } }, say("removeBody")));
    bodies.append(group);
    return group;
  }

  function mark(key, problem) {
    const field = input(key);
    if (!field) return;
    document.getElementById(`${field.id}-error`).textContent = problem;
    if (problem && field.closest("details")) field.closest("details").open = true;
    if (problem) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  const keysOf = (list) => [...list.children].map((group) => group.dataset.value);

  function answers() {
    const groups = { values: keysOf(values), organisations: keysOf(bodies) };
    const parts = ["field", "old", "new", "qualifier", "max", "source", "locator", "note"];
    return {
      groups,
      action: chosen("action"), table: current(), record: value("record"), successor: value("successor"),
      organisations: groups.organisations.map((key) => Object.fromEntries(bodyFields(schema).map(({ name }) => [name, value(`${key}.${name}`)]))),
      field: value("field"), read_first: chosen("read_first"),
      values: groups.values.map((key) => Object.fromEntries(parts.map((part) => [part, value(`${key}.${part}`)]))),
      source: chosen("known") === "yes" ? value("source") : Object.fromEntries(sources.map(({ name }) => [name, value(`source.${name}`)])),
      locator: value("locator"), kind: chosen("kind"), old_claim: value("old_claim"), reason: value("reason"),
    };
  }

  function submit() {
    const { groups, ...given } = answers();
    const found = problems(given, schema);
    if (given.action !== "record" && given.record && !record) found.unshift({ key: "record", text: say("noRecord", { id: given.record }) });
    form.querySelectorAll("[data-key]").forEach((field) => mark(field.dataset.key, ""));
    for (const { key, text } of found) {
      const [, list, place, part] = /^(values|organisations)\.(\d+)\.(.+)$/.exec(key) ?? [];
      mark(list === undefined ? key : `${groups[list][place]}.${part}`, text);
    }
    output.hidden = found.length > 0;
    status.textContent = found.length ? say("problems", { count: found.length }) : "";
    if (found.length) form.querySelector("[aria-invalid]")?.focus();
    else offer(written(given, schema));
  }

  /** Shows the document and the ways to hand it in. */
  function offer(whole) {
    const lines = yaml(whole);
    const file = `correction-${whole.record}`;
    const area = el("textarea", { rows: Math.min(30, lines.split("\n").length + 1), readonly: true, "aria-label": say("output"), spellcheck: "false" });
    area.value = lines;
    const done = el("span", { role: "status" });
    const copy = () => navigator.clipboard.writeText(lines).then(
      () => { done.textContent = say("copied"); },
      () => { area.select(); done.textContent = say("notCopied"); });
    const address = issue(schema, whole);
    output.replaceChildren(
      el("p", {}, say("ready")), area,
      el("div", { class: "tools" },
        navigator.clipboard && el("button", { type: "button", onclick: copy }, say("copy")),
        el("button", { type: "button", onclick: () => save(`${file}.yml`, "application/yaml", lines) }, say("saveYaml")),
        el("button", { type: "button", onclick: () => save(`${file}.json`, "application/json", `${JSON.stringify(whole, null, 2)}\n`) }, say("saveJson")),
        el("a", { class: "button", href: mail(schema, whole) }, say("mail")),
        address && el("a", { class: "button", href: address, rel: "noopener noreferrer", target: "_blank" }, say("github")), done));
    output.hidden = false;
    output.focus();
  }
}
