// What a reader sees of a table: which rows, in which order, and how that stands in the address. No DOM here.
import { fold } from "./fold.js";

/** The state of a table of which nobody has touched anything. `cols` is null while the columns are the usual ones. */
export const untouched = () => ({ q: "", filters: {}, sort: "", cols: null, page: 1 });

/** The state in the query string of an address. `prefix` tells the tables of one page apart. */
export function parse(search, prefix = "") {
  const state = untouched();
  for (const [key, value] of new URLSearchParams(search)) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (name === "q") state.q = value;
    else if (name === "sort") state.sort = value;
    else if (name === "page") state.page = Math.max(1, parseInt(value, 10) || 1);
    else if (name === "cols") state.cols = value.split(",").filter(Boolean);
    else if (name.startsWith("f.") && value) state.filters[name.slice(2)] = value;
  }
  return state;
}

/** The query string for a state. Keys that are not of this table stay as they are in `search`. */
export function write(state, search, prefix = "") {
  const own = (key) => key.startsWith(prefix) && /^(q|sort|page|cols|f\..+)$/.test(key.slice(prefix.length));
  const query = new URLSearchParams([...new URLSearchParams(search)].filter(([key]) => !own(key)));
  const set = (key, value) => value && query.set(prefix + key, value);
  set("q", state.q.trim());
  for (const [name, value] of Object.entries(state.filters)) set(`f.${name}`, value.trim());
  set("sort", state.sort);
  set("cols", state.cols && state.cols.join(","));
  set("page", state.page > 1 && String(state.page));
  const text = query.toString();
  return text ? `?${text}` : "";
}

const COMPARE = /^(>=|<=|>|<|=)\s*(.+)$/;
const RANGE = /^(.+?)\s*(?:\.\.|–)\s*(.+)$/;
const figure = (text) => (/^-?[\d\s,']*\.?\d+$/.test(text.trim()) ? Number(text.replace(/[\s,']/g, "")) : NaN);

/** Compares a value with what a reader asked for. Of a date only as much counts as was asked: 2024-03 is in 2024. */
function against(kind, mark, wanted) {
  const bound = kind === "number" ? figure(wanted) : wanted.trim();
  if (kind === "number" && Number.isNaN(bound)) return null;
  return (value) => {
    if (value === null || value === "") return false;
    const own = kind === "number" ? Number(value) : String(value).slice(0, bound.length);
    if (mark === ">") return own > bound;
    if (mark === "<") return own < bound;
    if (mark === ">=") return own >= bound;
    if (mark === "<=") return own <= bound;
    return own === bound;
  };
}

/** A function that tells whether a cell {value, text} fits what the reader wrote into the filter of its column. */
export function filter(kind, wanted) {
  const text = wanted.trim();
  if (!text) return () => true;
  if (kind !== "text") {
    const range = RANGE.exec(text);
    const [, mark, rest] = COMPARE.exec(text) ?? [null, "=", text];
    const tests = range ? [against(kind, ">=", range[1]), against(kind, "<=", range[2])] : [against(kind, mark, rest)];
    if (tests.every(Boolean)) return (cell) => tests.every((test) => test(cell.value));
  }
  if (text.startsWith("=")) {
    const exact = fold(text.slice(1).trim());
    return (cell) => fold(cell.text) === exact || fold(cell.value ?? "") === exact;
  }
  const part = fold(text);
  return (cell) => fold(cell.text).includes(part) || fold(cell.value ?? "").includes(part);
}

/** Compares two values of a column, empty ones last in both directions. */
export function compare(kind, descending, language = "en") {
  const texts = new Intl.Collator(language, { numeric: true, sensitivity: "base" });
  const empty = (value) => value === null || value === undefined || value === "";
  return (one, two) => {
    if (empty(one) || empty(two)) return Number(empty(one)) - Number(empty(two));
    let order;
    if (kind === "number") order = Number(one) - Number(two);
    else if (kind === "date") order = one < two ? -1 : Number(one > two);
    else order = texts.compare(one, two);
    return descending ? -order : order;
  };
}

/**
 * The rows that fit a state, in its order.
 *
 * A row is {cells: {column: {value, text}}}; `folded` is remembered on it, so that the next letter is quicker.
 */
export function select(rows, columns, state, language) {
  const words = fold(state.q).split(/\s+/).filter(Boolean);
  const kinds = Object.fromEntries(columns.map((column) => [column.name, column.kind]));
  const tests = Object.entries(state.filters)
    .filter(([name, wanted]) => name in kinds && wanted.trim())
    .map(([name, wanted]) => [name, filter(kinds[name], wanted)]);
  const found = rows.filter((row) => {
    if (words.length) {
      row.folded ??= columns.map(({ name }) => fold(`${row.cells[name].text} ${row.cells[name].value ?? ""}`)).join("\n");
      if (!words.every((word) => row.folded.includes(word))) return false;
    }
    return tests.every(([name, test]) => test(row.cells[name]));
  });
  const name = state.sort.replace(/^-/, "");
  if (!(name in kinds)) return found;
  const order = compare(kinds[name], state.sort.startsWith("-"), language);
  const key = kinds[name] === "text" ? "text" : "value";
  return found.sort((one, two) => order(one.cells[name][key], two.cells[name][key]));
}
