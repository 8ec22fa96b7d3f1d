// A cell of the data as a person reads it: the same words as website/shown.py writes into the HTML.
import { LANGUAGE, filled, say, separated as number } from "./texts.js";

export { number };

const SAID = ["about", "at_least", "at_most"];

/** A figure with its doubt: about 500; at least 40; 20 to 25. */
export function figure(cell, qualifier, upper) {
  if (qualifier === "range" && upper) return say("range", { low: number(cell), high: number(upper) });
  return SAID.includes(qualifier) ? say(qualifier, { value: number(cell) }) : number(cell);
}

function one(cell) {
  const [, year, month, date, about] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(~?)$/.exec(cell) ?? [];
  if (!year || (month && !LANGUAGE.months[Number(month) - 1])) return cell;
  const text = month ? (date ? LANGUAGE.days : LANGUAGE.months)[Number(month) - 1] : "{year}";
  const value = filled(text, { day: String(Number(date)), year });
  return about ? say("about", { value }) : value;
}

/** An EDTF date in words: 11 June 2025; June 2025; about 2010; 2013 to 2017; until June 2025. */
export function day(cell) {
  if (!cell.includes("/")) return one(cell);
  const [start, end] = cell.split("/");
  const open = (side) => side === "" || side === "..";
  if (open(start)) return say("until", { value: one(end) });
  return open(end) ? say("since", { value: one(start) }) : say("range", { low: one(start), high: one(end) });
}

/** The texts of codes, which stand side by side with ; between them. */
export const names = (cell, labels) => cell.split(";").map((code) => labels[code] ?? code).join(", ");
