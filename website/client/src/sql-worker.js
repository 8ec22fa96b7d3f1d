// Runs queries in a thread of its own, so that the page answers while a long query runs, and can stop it.
import sqlite3InitModule from "@sqlite.org/sqlite-wasm";

const LIMIT = 5000; // rows that a page can still show

let database = null; // the promise of an open database

async function open(address, wasm) {
  const [sqlite3, file] = await Promise.all([sqlite3InitModule({ locateFile: () => wasm, print: () => {}, printErr: () => {} }), fetch(address)]);
  if (!file.ok) throw new Error(`${file.status} ${file.statusText}`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const db = new sqlite3.oo1.DB();
  const { SQLITE_DESERIALIZE_FREEONCLOSE, SQLITE_DESERIALIZE_READONLY } = sqlite3.capi;
  const place = sqlite3.wasm.allocFromTypedArray(bytes);
  const flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY;
  db.checkRc(sqlite3.capi.sqlite3_deserialize(db.pointer, "main", place, bytes.length, bytes.length, flags));
  return db;
}

function run(db, sql) {
  const columns = [];
  const rows = [];
  const began = performance.now();
  // An own `false` ends the query; its rows after the limit are not wanted.
  db.exec({ sql, rowMode: "array", columnNames: columns, callback: (row) => rows.push(row) <= LIMIT });
  const text = (value) => (typeof value === "bigint" ? String(value) : value instanceof Uint8Array ? `${value.length} bytes` : value);
  return { columns, rows: rows.slice(0, LIMIT).map((row) => row.map(text)), cut: rows.length > LIMIT, ms: Math.round(performance.now() - began) };
}

addEventListener("message", async ({ data: { address, wasm, sql } }) => {
  let db;
  try {
    db = await (database ??= open(address, wasm));
  } catch (error) {
    database = null;
    postMessage({ missing: error.message });
    return;
  }
  postMessage({ open: true });
  try {
    postMessage(run(db, sql));
  } catch (error) {
    postMessage({ error: error.message.replace(/^SQLITE_\w+: sqlite3 result code \d+: /, "") });
  }
});
