// The index of search.json: entries {id, title, kind, place, year, text, url}.
import MiniSearch from "minisearch";
import { fold } from "./fold.js";

const OPTIONS = {
  fields: ["title", "id", "place", "year", "text", "kind"],
  storeFields: ["title", "kind", "place", "year", "url", "text"],
  idField: "url", // an identifier could occur as a record and as a source
  tokenize: (text) => text.split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean),
  processTerm: (term) => fold(term) || null,
  searchOptions: {
    boost: { title: 4, id: 3, place: 2, year: 2 },
    prefix: (term) => term.length > 1,
    // A typing error in a long word; never in a number: 2015 is not 2016.
    fuzzy: (term) => (/\d/.test(term) ? false : term.length > 7 ? 2 : term.length > 3 ? 1 : false),
    weights: { fuzzy: 0.3, prefix: 0.6 },
  },
};

/** An index of entries. The browser can draw and take keys in between. */
export async function indexed(entries) {
  const index = new MiniSearch(OPTIONS);
  const seen = new Set();
  await index.addAllAsync(entries.filter(({ url }) => !seen.has(url) && seen.add(url)), { chunkSize: 400 });
  return index;
}

/** Entries with all the words, best first; if there are none, those with some (`loose`). */
export function find(index, query) {
  const strict = index.search(query, { combineWith: "AND" });
  return strict.length ? { entries: strict, loose: false } : { entries: index.search(query, { combineWith: "OR" }), loose: true };
}
