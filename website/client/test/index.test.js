import assert from "node:assert/strict";
import { test } from "node:test";
import { find, indexed } from "../src/index.js";

const entry = (id, title, more = {}) => ({ id, title, kind: "facilities", place: "", year: "", text: "", url: `record/${id}/index.html`, ...more });
const { index, whole } = await indexed([
  entry("fac-rs-sid", "Reception Centre Šid", { place: "Serbia" }),
  entry("fac-al-gjader", "Centre Gjadër", { place: "Albania", text: "Offshore processing" }),
  entry("ret-de-xk-2015", "Germany to Kosovo, 2015: 5,849 persons", { kind: "returns", year: "2015" }),
  entry("ret-de-xk-2016", "Germany to Kosovo, 2016: 5,000 persons", { kind: "returns", year: "2016" }),
  entry("ret-de-xk-2016", "Germany to Kosovo", { kind: "sources", url: "source/ret-de-xk-2016/index.html" }),
]);
await whole;
const titles = (query) => find(index, query).entries.map(({ title }) => title);

test("a name is found without its diacritics, with a typing error, and by its beginning", () => {
  for (const query of ["Sid", "šid", "recepton sid", "rece"]) assert.equal(titles(query)[0], "Reception Centre Šid", query);
  assert.equal(titles("gjader")[0], "Centre Gjadër");
});

test("a year is never taken for another", () => {
  assert.deepEqual(titles("germany 2015"), ["Germany to Kosovo, 2015: 5,849 persons"]);
});

test("a figure is found with and without the comma between its thousands", () => {
  for (const query of ["5849", "5,849", "5849 persons"]) assert.deepEqual(titles(query), ["Germany to Kosovo, 2015: 5,849 persons"], query);
});

test("a question in a sentence finds the page that answers it", async () => {
  const page = entry("x", "Albania: officers from abroad", { kind: "pages", place: "Albania", text: "How many Frontex officers are there?", url: "country/al/index.html#deployments" });
  const { index: all } = await indexed([entry("dep-al-2021", "Frontex officers in Albania, March 2021", { kind: "deployments" }), page, entry("y", "How many are in it")]);
  assert.deepEqual(find(all, "How many Frontex officers are in Albania?").entries.map(({ url }) => url), [page.url, "record/dep-al-2021/index.html"]);
  assert.equal(find(all, "how many").entries.length, 2);
});

test("an identifier leads to its record, and its beginning to all of them", () => {
  assert.deepEqual(titles("fac-al-gjader"), ["Centre Gjadër"]);
  assert.equal(titles("ret-de-xk").length, 3);
});

test("with no entry that has all words, those with some are shown, and said to be", () => {
  const { entries, loose } = find(index, "Šid Antarctica");
  assert.equal(loose, true);
  assert.equal(entries[0].title, "Reception Centre Šid");
  assert.deepEqual(find(index, "zzzzzz").entries, []);
});
