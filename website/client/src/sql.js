// The page sql/: asks the SQLite file of the release in the browser. The database is loaded with the first query.
import { csv } from "./csv.js";
import { el, fromFolder, root, save } from "./dom.js";
import EXAMPLES from "./examples.json";
import { LANGUAGE, number, say } from "./texts.js";

const place = document.getElementById("sql");
if (place) start(el("form"));

function start(form) {
  const query = el("textarea", { id: "sql-query", rows: 10, spellcheck: "false", autocapitalize: "off", "aria-describedby": "sql-hint" });
  const run = el("button", { type: "submit", class: "primary" }, say("run"));
  const stop = el("button", { type: "button", hidden: true, onclick: () => end(say("stopped")) }, say("stop"));
  const status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  const result = el("div", { class: "result" });
  const examples = el("ul", { class: "examples" }, EXAMPLES.map(({ title, sql }, at) =>
    el("li", {}, el("button", { type: "button", onclick: () => { query.value = sql; ask(); } }, LANGUAGE.examples[at] ?? title))));
  form.replaceChildren(
    el("h2", { id: "sql-examples" }, say("examples")), examples,
    el("label", { for: "sql-query" }, say("query")), query, el("p", { id: "sql-hint", class: "hint" }, say("runHint")),
    el("div", { class: "tools" }, run, stop), status, result);
  place.replaceChildren(form);
  query.value = new URLSearchParams(location.search).get("sql") || EXAMPLES[0].sql;
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  query.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    ask();
  });

  let worker = null;

  function end(text) {
    worker?.terminate(); // the only way to stop a query; the next one loads the database from the cache of the browser
    worker = null;
    idle(text);
  }

  function idle(text) {
    status.textContent = text;
    stop.hidden = true;
    run.disabled = false;
  }

  function ask() {
    const sql = query.value.trim();
    if (!sql || run.disabled) return;
    history.replaceState(history.state, "", `${location.pathname}?${new URLSearchParams({ sql })}`);
    result.replaceChildren();
    if (fromFolder()) return idle(say("fromFolder"));
    const here = (path) => new URL(root() + path, document.baseURI).href;
    if (!worker) {
      worker = new Worker(here("assets/sql-worker.js"));
      worker.addEventListener("message", ({ data }) => answer(data));
      worker.addEventListener("error", (event) => end(say("noDatabase", { message: event.message ?? "" })));
    }
    run.disabled = true;
    stop.hidden = false;
    status.textContent = say("database");
    worker.postMessage({ address: here("borderledger.sqlite"), wasm: here("assets/sqlite3.wasm"), sql });
  }

  function answer({ open, missing, error, columns, rows, cut, ms }) {
    if (open) status.textContent = say("running");
    else if (missing !== undefined) idle(say("noDatabase", { message: missing }));
    else if (error !== undefined) idle(say("sqlError", { message: error }));
    else if (!columns.length) idle(say("nothing"));
    else {
      idle(cut ? say("cut", { count: rows.length }) : say("ran", { count: rows.length, ms }));
      show(columns, rows);
    }
  }

  function show(columns, rows) {
    const cell = (value) => (typeof value === "number" ? el("td", { class: "num" }, number(value)) : el("td", {}, value === null ? "" : String(value)));
    result.replaceChildren(
      el("div", { class: "tools" }, el("button", { type: "button", onclick: () => save("borderledger-query.csv", "text/csv;charset=utf-8", csv(columns, rows)) }, say("asCsv"))),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": say("result") },
        el("table", { class: "data" }, el("caption", { class: "hidden" }, say("result")),
          el("thead", {}, el("tr", {}, columns.map((name) => el("th", { scope: "col" }, name)))),
          el("tbody", {}, rows.map((row) => el("tr", {}, row.map(cell)))))));
  }
}
