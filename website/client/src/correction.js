// A correction as a document: what docs/corrections.md describes. No DOM here.
//
// The form comes from data/correction.json, which the site writes from the schemas:
//
//   tables      table -> {title, fields: [{name, title, description, kind: the type of the schema, pattern, bound,
//               required, minimum, categories: {value: label}, delimiter of several values}]}; the tables `sources`
//               and `organisations` are among them, whose rows a correction can bring along. `bound` fields need a source. A figure with a field NAME_qualifier beside it needs a qualifier.
//   repository  address on GitHub, or nothing
//   mail        address for mail, or nothing
//   forms       file of .github/ISSUE_TEMPLATE -> question -> its options, for the questions that have some
//
// Two things that a file can hold have no place in the form: a second new source (`source` of a value in full), and the
// number of the report that a correction answers (`issue`), which editors fill in.
import { FORMULA } from "./csv.js";
import { fold } from "./fold.js";
import { say } from "./texts.js";

const ID = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const EMPTY = "(empty)"; // as in the forms on GitHub
const NUMBER = /^-?\d+(?:\.\d+)?$/;

/** The tables whose rows are brought along by corrections of others. */
export const BROUGHT = ["sources", "organisations"];

const options = (field) => {
  const all = Object.entries(field?.categories ?? {});
  return all.length ? all.map(([value, label]) => ({ value, label })) : undefined;
};

/** The fields of a table that a person can enter; those of a figure's qualifier belong to the figure. */
export function fields(schema, table) {
  const all = schema.tables[table]?.fields ?? [];
  const names = new Set(all.map((field) => field.name));
  const part = (name) => /_(qualifier|max)$/.test(name) && names.has(name.replace(/_(qualifier|max)$/, "_qualifier"));
  return all
    .filter((field) => field.name !== "id" && field.name !== "source_id" && !part(field.name))
    .map((field) => ({
      ...field,
      categories: options(field),
      isNumber: ["number", "integer"].includes(field.kind),
      qualifiers: options(all.find(({ name }) => name === `${field.name}_qualifier`)),
    }));
}

/** The columns of a new organisation. Its identifier is among them, because the values name it. */
export const bodyFields = (schema) => [
  ...(schema.tables.organisations?.fields ?? []).filter(({ name }) => name === "id").map((field) => ({ ...field, categories: undefined })),
  ...fields(schema, "organisations"),
];

/** The table whose identifiers have the form of this one; `sources` if it is that of no record. */
export function tableOf(schema, id) {
  const fits = ([name, { fields }]) => !BROUGHT.includes(name) && fault(id, { pattern: fields.find((field) => field.name === "id")?.pattern }) === "";
  return Object.entries(schema.tables).find(fits)?.[0] ?? "sources";
}

/** An identifier for a new source: who published it, and when or, if that is not known, when it was read. */
export function sourceId({ publisher = "", published = "", accessed = "" }) {
  const words = fold(publisher).replace(/[^a-z0-9]+/g, " ").trim().split(" ").slice(0, 4).join("-");
  const day = (published || accessed).replace(/[^0-9-]/g, "");
  return [words || "source", day].filter(Boolean).join("-");
}

/** What is wrong with a value, or "". `field` may be undefined for a text without a schema. */
export function fault(value, field = {}) {
  if (value === "") return field.required ? say("required") : "";
  if (FORMULA.test(value)) return say("formula");
  if (field.categories) {
    const known = new Set(field.categories.map((category) => category.value));
    return (field.delimiter ? value.split(field.delimiter) : [value]).every((item) => known.has(item)) ? "" : say("notChosen");
  }
  if (field.isNumber) {
    if (!NUMBER.test(value)) return say("notNumber");
    if (field.kind === "integer" && value.includes(".")) return say("notWhole");
    if (Number(value) < (field.minimum ?? -Infinity)) return say("tooSmall", { min: field.minimum });
  }
  if (field.pattern) {
    try {
      if (!new RegExp(`^(?:${field.pattern})$`, "u").test(value)) return say("form");
    } catch {
      return ""; // a pattern of Python that JavaScript does not know; the editors' check knows it
    }
  }
  return "";
}

/**
 * What is still missing: a list of {key, text}. The key names the input: `record`, `values.0.new`, `source.url`.
 *
 * Answers are {action, record, table, values, organisations, source, locator, kind, old_claim, read_first, successor,
 * field, reason}, and a source is a text (its identifier) or the columns of a new one.
 */
export function problems(answers, schema) {
  const found = [];
  const add = (key, text) => text && found.push({ key, text });
  const own = fields(schema, answers.table);
  const with_values = hasValues(answers.action);
  add("record", !answers.record ? say("required") : ID.test(answers.record) ? "" : say("form"));
  if (answers.action === "record") add("table", answers.table ? "" : say("required"));
  if (answers.successor) add("successor", ID.test(answers.successor) ? "" : say("form"));
  if (answers.action === "privacy") add("field", answers.field ? "" : say("required"));
  let bound = answers.action !== "change" && with_values;
  for (const [place, value] of (with_values ? answers.values : []).entries()) {
    const key = `values.${place}`;
    const field = own.find(({ name }) => name === value.field);
    if (!field) {
      add(`${key}.field`, say("required"));
      continue;
    }
    bound ||= Boolean(field.bound);
    if (value.source) add(`${key}.source`, ID.test(value.source) ? "" : say("form"));
    const change = answers.action === "change";
    // Nobody empties a field by leaving an answer open.
    const open = value.new === "" ? say(change && value.old !== "" && !field.required ? "orEmpty" : "required") : "";
    if (open || (value.new === EMPTY && change)) {
      add(`${key}.new`, open || (field.required ? say("required") : value.old === "" ? say("same") : ""));
      continue;
    }
    const same = value.new === value.old && change && !value.qualifier ? say("same") : "";
    add(`${key}.new`, same || fault(value.new, field));
    if (field.qualifiers) {
      add(`${key}.qualifier`, value.qualifier ? "" : say("required"));
      if (value.qualifier === "range") add(`${key}.max`, fault(value.max ?? "", { ...field, required: true, categories: undefined }));
    }
  }
  for (const [place, body] of (with_values ? answers.organisations ?? [] : []).entries()) {
    const key = `organisations.${place}`;
    for (const field of bodyFields(schema)) add(`${key}.${field.name}`, fault(body[field.name] ?? "", field));
    if (body.id && !answers.values.some((value) => value.new.split(";").includes(body.id))) add(`${key}.id`, say("unnamed", { id: body.id }));
  }
  if (with_values && bound) {
    if (typeof answers.source === "string") add("source", !answers.source ? say("required") : ID.test(answers.source) ? "" : say("form"));
    else for (const field of fields(schema, "sources")) add(`source.${field.name}`, fault(answers.source[field.name] ?? "", field));
    add("locator", fault(answers.locator, { required: answers.table !== "sources" }));
  }
  add("reason", answers.reason.length < 10 ? say("shortReason", { count: 10 }) : fault(answers.reason));
  return found;
}

const hasValues = (action) => action !== "retire" && action !== "privacy";

/** The document: only the keys that the action uses, and of these only the ones that say something. */
export function written(answers, schema) {
  const { action, record } = answers;
  const whole = { action };
  if (action === "record") whole.table = answers.table;
  whole.record = record;
  if (hasValues(action)) {
    const own = fields(schema, answers.table);
    whole.values = answers.values.map((one) => {
      const value = { ...one, new: one.new === EMPTY ? "" : one.new };
      const entry = { field: value.field };
      if (action !== "record") entry.old = value.old ?? "";
      entry.new = value.new;
      if (own.find(({ name }) => name === value.field)?.qualifiers && value.new !== "") {
        entry.qualifier = value.qualifier;
        if (value.qualifier === "range") entry.max = value.max;
      }
      for (const key of ["source", "locator", "note"]) if (value[key]) entry[key] = value[key];
      return entry;
    });
  } else if (action === "privacy") whole.field = answers.field;
  else if (answers.successor) whole.successor = answers.successor;
  if (action === "change") {
    if (answers.kind === "revision") whole.kind = "revision";
    if (answers.old_claim) whole.old_claim = answers.old_claim;
  }
  const source = hasValues(action) ? answers.source : "";
  if (typeof source === "string" && source) whole.source = source;
  else if (typeof source === "object" && Object.values(source).some(Boolean)) {
    const given = Object.entries(source).filter(([, value]) => value !== "");
    whole.source = { id: sourceId(source), ...Object.fromEntries(given) };
  }
  if (answers.locator && hasValues(action)) whole.locator = answers.locator;
  if (answers.read_first === "yes" && hasValues(action) && action !== "record") whole.read_first = "yes";
  const bodies = hasValues(action) ? answers.organisations ?? [] : [];
  if (bodies.length) whole.organisations = bodies.map((body) => Object.fromEntries(Object.entries(body).filter(([, text]) => text !== "")));
  whole.reason = answers.reason;
  return whole;
}

// A text that every reader of YAML takes for the same text. All others get quotes; a text of JSON is one of YAML.
const PLAIN = /^[\p{L}][\p{L}\p{N} _.,()/-]*$/u;
const WORD = /^(?:true|false|yes|no|on|off|null|y|n)$/i;
const scalar = (text) => (PLAIN.test(text) && !WORD.test(text) && text === text.trim() ? text : JSON.stringify(text));

/** The document as YAML. */
export function yaml(whole) {
  const lines = [];
  for (const [key, value] of Object.entries(whole)) {
    if (Array.isArray(value)) {
      lines.push(`${key}:`);
      for (const entry of value) Object.entries(entry).forEach(([name, text], place) => lines.push(`  ${place ? " " : "-"} ${name}: ${scalar(text)}`));
    } else if (typeof value === "object") {
      lines.push(`${key}:`, ...Object.entries(value).map(([name, text]) => `  ${name}: ${scalar(text)}`));
    } else lines.push(`${key}: ${scalar(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

const FORMS = { change: "wrong-value.yml", claim: "wrong-value.yml", dispute: "wrong-value.yml", record: "missing-record.yml", privacy: "privacy.yml" };
/** Whether the form on GitHub has a question for all that a document says. */
const fitsForm = (whole) => !whole.organisations && !whole.read_first && !whole.values?.some(({ source, locator, note }) => source || locator || note);
const LIMIT = 7500; // GitHub refuses longer addresses

/** The address of an issue on GitHub with everything filled in: the form for it or, where there is none, the document. */
export function issue(schema, whole) {
  if (!/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/?$/.test(schema.repository ?? "")) return "";
  const form = fitsForm(whole) && FORMS[whole.action];
  const query = new URLSearchParams({ title: `[correction] ${whole.record}` });
  if (whole.action === "privacy") {
    // The form has no room for a text, so that nobody repeats what should go.
    query.set("template", form);
    query.set("title", "[privacy] A text about a private person");
    for (const key of ["record", "field"]) query.set(key, whole[key]);
  } else if (form) {
    const set = (id, value) => value && query.set(id, schema.forms?.[form]?.[id]?.find((option) => option.endsWith(`(${value})`)) ?? value);
    const empty = (text) => (text === "" ? EMPTY : text);
    const at = (value) => (value.qualifier && value.qualifier !== "exact" ? (value.qualifier === "range" ? `${value.new}-${value.max}` : `${value.qualifier.replace("_", " ")} ${value.new}`) : empty(value.new));
    const [first, ...others] = whole.values;
    query.set("template", form);
    for (const key of ["record", "locator", "reason"]) set(key, whole[key]);
    if (whole.action === "record") {
      set("table", whole.table);
      set("values", whole.values.map((value) => `${value.field}: ${at(value)}`).join("\n"));
    } else {
      for (const key of ["action", "kind", "old_claim"]) set(key, whole[key]);
      set("field", first.field);
      set("old", first.old);
      set("new", empty(first.new));
      set("qualifier", first.qualifier);
      set("max", first.max);
      set("values", others.map((value) => `${value.field}: ${empty(value.old)} -> ${at(value)}`).join("\n"));
    }
    if (typeof whole.source === "string") set("source", whole.source);
    else if (whole.source) {
      set("source", whole.source.url);
      for (const key of ["title", "publisher", "kind", "published", "url", "language"]) set(`source_${key}`, whole.source[key]);
    }
  } else query.set("body", `\`\`\`yaml\n${yaml(whole)}\`\`\`\n`);
  const address = `${schema.repository.replace(/\/$/, "")}/issues/new?${query}`;
  return address.length > LIMIT ? "" : address;
}

/** The address of a mail with the document in it. */
export function mail(schema, whole) {
  const query = { subject: say("mailSubject", { record: whole.record }), body: yaml(whole).replaceAll("\n", "\r\n") };
  const text = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
  return `mailto:${schema.mail ?? ""}?${text}`;
}
