// The texts of texts.json, in the language of the page. English needs nothing else; for another language the page loads
// assets/language.js before the scripts, which website/machines.py writes from the translation:
//
//   texts    as in texts.json; a list has the plural forms of a text, and {count} in it is the number that chooses
//   plural   the form that belongs to a number
//   group    what stands between thousands, and `point` before decimals
//   days     for each month how a day in it is written, and `months` how the month is
//   words    what tables are called
//   examples what the examples on the SQL page are called
import ENGLISH from "./texts.json" with { type: "json" };

const MONTHS = "January February March April May June July August September October November December".split(" ");

export const LANGUAGE = globalThis.borderledger ?? {
  texts: ENGLISH,
  plural: (n) => Number(n !== 1),
  group: ",",
  point: ".",
  days: MONTHS.map((month) => `{day} ${month} {year}`),
  months: MONTHS.map((month) => `${month} {year}`),
  words: {},
  examples: [],
};

/** Digits with the separators of the language; another text stays as it is. */
export function separated(cell) {
  const [, whole, rest] = /^(-?\d+)(\.\d*)?$/.exec(cell) ?? [];
  if (whole === undefined) return String(cell);
  return whole.replace(/\B(?=(\d{3})+$)/g, LANGUAGE.group) + (rest ?? "").replace(".", LANGUAGE.point);
}

/** A number as people write it in the language of the page. */
export const number = (value) => separated(String(Math.round(value * 1e6) / 1e6));

/** A text with its {names} filled in. */
export const filled = (text, values) =>
  text.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name] ?? "";
    return typeof value === "number" ? number(value) : value;
  });

/** The text `key`, with its {names} filled in; of a text with plural forms, the one for `count`. */
export function say(key, values = {}) {
  const text = LANGUAGE.texts[key];
  return filled(Array.isArray(text) ? text[LANGUAGE.plural(values.count)] ?? text.at(-1) : text, values);
}

/** What a table is called. */
export const kindly = (table) => LANGUAGE.words[table] ?? table.replaceAll("_", " ");
