// A cell of the data as a person reads it: the same words as website/shown.py writes into the HTML.
const MONTHS = "January February March April May June July August September October November December".split(" ");
const SAID = { about: "about ", at_least: "at least ", at_most: "at most " };

/** A number with separators, as in 1,234.5; another text stays as it is. */
export function number(cell) {
  const [, whole, rest] = /^(-?\d+)(\.\d*)?$/.exec(cell) ?? [];
  return whole === undefined ? String(cell) : whole.replace(/\B(?=(\d{3})+$)/g, ",") + (rest ?? "");
}

/** A figure with its doubt: about 500; at least 40; 20 to 25. */
export const figure = (cell, qualifier, upper) =>
  qualifier === "range" && upper ? `${number(cell)} to ${number(upper)}` : (SAID[qualifier] ?? "") + number(cell);

function one(cell) {
  const [, year, month, date, about] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?(~?)$/.exec(cell) ?? [];
  if (!year || (month && !MONTHS[Number(month) - 1])) return cell;
  const words = [date && String(Number(date)), month && MONTHS[Number(month) - 1], year].filter(Boolean);
  return (about ? "about " : "") + words.join(" ");
}

/** An EDTF date in words: 11 June 2025; June 2025; about 2010; 2013 to 2017; until June 2025. */
export function day(cell) {
  if (!cell.includes("/")) return one(cell);
  const [start, end] = cell.split("/");
  const open = (side) => side === "" || side === "..";
  if (open(start)) return `until ${one(end)}`;
  return open(end) ? `since ${one(start)}` : `${one(start)} to ${one(end)}`;
}

/** The texts of codes, which stand side by side with ; between them. */
export const names = (cell, labels) => cell.split(";").map((code) => labels[code] ?? code).join(", ");
