// The index of search.json: entries {id, title, kind, place, year, text, url}.
import MiniSearch from "minisearch";
import { fold } from "./fold.js";

const MANY = 1500; // a kind with more entries is indexed last
const ID = /^[a-z0-9]+(?:-[a-z0-9]+)+$/;

// Words of a question that say nothing of its subject, and stand in thousands of notes.
const EMPTY = new Set("a an and are did do does for from how in is it many may much now of on say says the there this to was were what which who with".split(" "));

// The same words come again and again.
const known = new Map();
function folded(term) {
  if (!known.has(term)) known.set(term, fold(term) || null);
  return known.get(term);
}

const OPTIONS = {
  fields: ["title", "place", "year", "kind", "text", "id"],
  storeFields: ["title", "kind", "place", "year", "url", "text"],
  idField: "url", // an identifier could be that of a record and of a source
  // A figure is one word with or without its separators: 3376 finds 3,376.
  tokenize: (text, field) =>
    field === "id" ? [text] : text.replace(/(\d),(?=\d{3}(?!\d))/g, "$1").split(/[^\p{L}\p{N}\p{M}]+/u).filter(Boolean),
  processTerm: folded,
  searchOptions: {
    boost: { title: 4, place: 2, year: 2 },
    prefix: (term) => term.length > 1,
    // A typing error in a long word; never in a number: 2015 is not 2016.
    fuzzy: (term) => (/\d/.test(term) ? false : term.length > 7 ? 2 : term.length > 3 ? 1 : false),
    weights: { fuzzy: 0.3, prefix: 0.6 },
    boostDocument: (_, __, { kind }) => (kind === "pages" ? 3 : 1), // a page that answers leads to the records
  },
};

/**
 * An index of entries: {index, whole}.
 *
 * The kinds with few entries, such as agreements and projects, can be found at once. Those with thousands follow while
 * the reader types; `whole` is the promise that all are in. The browser can draw and take keys in between.
 */
export async function indexed(entries) {
  const index = new MiniSearch(OPTIONS);
  const counts = new Map();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const few = ({ kind }) => counts.get(kind) <= MANY;
  await index.addAllAsync(entries.filter(few), { chunkSize: 200 });
  return { index, whole: index.addAllAsync(entries.filter((entry) => !few(entry)), { chunkSize: 200 }) };
}

/** Entries with all the words, best first; if there are none, those with some (`loose`). */
export function find(index, query) {
  // Whoever pastes an identifier, or its beginning, wants that record.
  const named = ID.test(query) ? index.search(query, { fields: ["id"], tokenize: (text) => [text], fuzzy: false }) : [];
  if (named.length) return { entries: named, loose: false };
  const words = query.split(/\s+/);
  const telling = words.filter((word) => !EMPTY.has(fold(word).replace(/[?!.,]+$/, "")));
  const asked = (telling.length ? telling : words).join(" ");
  const strict = index.search(asked, { combineWith: "AND" });
  return strict.length ? { entries: strict, loose: false } : { entries: index.search(asked, { combineWith: "OR" }), loose: true };
}
