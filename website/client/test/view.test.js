import assert from "node:assert/strict";
import { test } from "node:test";
import { csv } from "../src/csv.js";
import { fold } from "../src/fold.js";
import { filter, parse, select, untouched, write } from "../src/view.js";

const columns = [
  { name: "to", kind: "text" },
  { name: "period", kind: "date" },
  { name: "quantity", kind: "number" },
];
const row = (to, period, quantity) => ({
  cells: {
    to: { value: to.slice(0, 2), text: to },
    period: { value: period, text: period ?? "" },
    quantity: { value: quantity, text: String(quantity ?? "") },
  },
});
const rows = [row("Kosovo", "2015-03", "900"), row("Albania", "2016", "1000"), row("Serbia (Šid)", "2015-11-02", null), row("Albania", null, "20")];
const shown = (change) => select(rows, columns, { ...untouched(), ...change }).map((one) => rows.indexOf(one));

test("letters lose their diacritics, also those that Unicode does not take apart", () => {
  const cases = [["Šid", "sid"], ["Kukës", "kukes"], ["Đakovica", "dakovica"], ["Łódź", "lodz"], ["Straße", "strasse"], ["ÎLE", "ile"]];
  for (const [text, folded] of cases) assert.equal(fold(text), folded);
});

test("every word must occur in the row, in any column and without diacritics", () => {
  assert.deepEqual(shown({ q: "sid serbia" }), [2]);
  assert.deepEqual(shown({ q: "albania 2016" }), [1]);
  assert.deepEqual(shown({ q: "albania kosovo" }), []);
});

test("a filter compares figures as figures and dates by what was asked", () => {
  const cases = [
    ["quantity", ">100", [0, 1]], ["quantity", "20", [3]], ["quantity", "20..900", [0, 3]], ["quantity", "<=900", [0, 3]],
    ["quantity", "1,000", [1]], ["period", "2015", [0, 2]], ["period", ">=2015-11", [1, 2]], ["period", "2015-03..2015", [0, 2]],
    ["period", ">2015", [1]], ["to", "=al", [1, 3]], ["to", "=albani", []], ["to", "a", [1, 2, 3]],
  ];
  for (const [name, wanted, found] of cases) assert.deepEqual(shown({ filters: { [name]: wanted } }), found, `${name} ${wanted}`);
});

test("a filter that no figure can fit is a text, and never an error", () => {
  assert.equal(filter("number", ">lots")({ value: "5", text: "5" }), false);
  assert.equal(filter("number", "about")({ value: "5", text: "about 5" }), true);
  assert.equal(filter("text", "(((")({ value: "a", text: "a" }), false);
});

test("empty cells are last in both directions", () => {
  assert.deepEqual(shown({ sort: "quantity" }), [3, 0, 1, 2]);
  assert.deepEqual(shown({ sort: "-quantity" }), [1, 0, 3, 2]);
  assert.deepEqual(shown({ sort: "no_such_column" }), [0, 1, 2, 3]);
});

test("a state survives the way through the address, and leaves other keys alone", () => {
  const state = { q: "a & b=c", filters: { to: "=Šid", quantity: ">5" }, sort: "-period", cols: ["to", "period"], page: 3 };
  const address = write(state, "?t-other.q=x&lang=en&t-one.q=old", "t-one.");
  assert.deepEqual(parse(address, "t-one."), state);
  assert.equal(parse(address, "t-other.").q, "x");
  assert.match(address, /lang=en/);
  assert.equal(write(untouched(), ""), "");
});

test("CSV has a byte order mark, quotes what needs it, and no formula", () => {
  const text = csv(["a", "b"], [["=cmd|x", '"q", ë'], [-5, "-5+1"], [null, "@x\ny"]]);
  assert.equal(text, '\uFEFFa,b\r\n\'=cmd|x,"""q"", ë"\r\n-5,\'-5+1\r\n,"\'@x\ny"\r\n');
});
