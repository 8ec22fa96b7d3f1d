// Tables that a reader can filter, sort, page through, cut to columns and take home.
//
// The rows in the HTML are the start. If `data-total` of the table is more than these, the first filter loads the whole
// table from data/TABLE.json (or from `data-src`, relative to the root of the site): {columns: [{name, title, kind,
// labels}], rows}. Labels are the texts of codes. What the reader chose stands in the address, so that a link shows the
// same rows.
import { csv } from "./csv.js";
import { el, fromFolder, json, paused, root, save } from "./dom.js";
import { parse, select, untouched, write } from "./view.js";
import { day, figure, names as named, number } from "./shown.js";
import { say } from "./texts.js";

const PAGE = 500; // as many as a page of HTML has
const SUGGESTED = 50; // a column with at most so many different texts suggests them
const LINKS = { record_id: "record", source_id: "source", part_of: "record" }; // columns whose value has a page
const HINTS = { text: "filterText", number: "filterNumber", date: "filterDate" };

/** Makes every table with the class `data` of the page one that a reader can work with. */
export function tables() {
  const all = [...document.querySelectorAll("table.data[data-table]")].filter((table) => table.tBodies[0]?.rows.length);
  for (const table of all) enhance(table, all.length > 1 ? `${table.id || table.dataset.table}.` : "");
}

function enhance(table, prefix) {
  const head = table.tHead.rows[0];
  const body = table.tBodies[0];
  const written = [...body.rows];
  const name = table.dataset.table;
  const folder = name === "sources" ? "source" : "record";
  const frame = table.closest(".scroll") ?? table;
  const pages = frame.nextElementSibling?.matches("nav.pages") ? frame.nextElementSibling : null; // those of the HTML
  const total = Number(table.dataset.total) || (pages ? Infinity : written.length);
  const columns = [...head.cells].flatMap((th, index) =>
    th.dataset.name ? [{ name: th.dataset.name, kind: th.dataset.kind || "text", title: th.textContent.trim(), th, index }] : [],
  );
  const usual = columns.map((column) => column.name);
  const tags = [...written[0].cells].map((td) => td.tagName);
  let rows = written.map((tr) => ({ tr, id: identifier(tr), cells: Object.fromEntries(columns.map((c) => [c.name, read(tr.cells[c.index])])) }));
  let whole = total <= rows.length;
  let loading = null; // the promise of the whole table
  let failed = false;
  let state = parse(location.search, prefix);

  // --- what the reader sees beside the table
  const status = el("p", { class: "status", role: "status", "aria-live": "polite" });
  const all = el("input", { type: "search", autocomplete: "off", "aria-describedby": `${table.id}-hint`, oninput: paused(() => set({ q: all.value })) });
  const clear = el("button", { type: "button", onclick: () => set({ ...untouched(), cols: state.cols }) }, say("clear"));
  const filters = el("tr", { class: "filters", hidden: true });
  const opener = el("button", { type: "button", "aria-expanded": "false", onclick: () => open(filters.hidden) }, say("byColumn"));
  const choice = el("fieldset", {}, el("legend", { class: "hidden" }, say("columns")));
  const chooser = el("details", { class: "menu", ontoggle: () => chooser.open && load().then(choices) }, el("summary", {}, say("columns")), choice);
  const take = el("details", { class: "menu" }, el("summary", {}, say("download")),
    el("button", { type: "button", onclick: () => download("csv") }, say("asCsv")),
    el("button", { type: "button", onclick: () => download("json") }, say("asJson")));
  const pager = el("nav", { class: "pager", "aria-label": say("pages"), hidden: true });
  frame.before(
    el("div", { class: "tools", role: "group", "aria-label": say("all") },
      el("label", {}, el("span", {}, say("all")), all),
      el("span", { id: `${table.id}-hint`, class: "hidden" }, say("allHint")),
      opener, chooser, take, clear),
    status,
  );
  frame.after(pager);
  table.tHead.append(filters);
  [...head.cells].forEach((th, index) => equip(th, columns.find((column) => column.index === index)));
  addEventListener("popstate", () => { state = parse(location.search, prefix); show(); });
  document.addEventListener("click", (event) => [chooser, take].forEach((menu) => menu.contains(event.target) || (menu.open = false)));
  for (const menu of [chooser, take]) menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) { menu.open = false; menu.firstChild.focus(); }
  });
  if (JSON.stringify(state) !== JSON.stringify(untouched()) || whole) show();
  else count(written.length, total);

  /** Gives a column its button to sort and its filter. */
  function equip(th, column) {
    if (!column) return filters.append(el("td"));
    const first = column.kind === "text" ? "" : "-"; // of figures and dates, the highest are wanted first
    const button = el("button", { type: "button", class: "sort", onclick: () => {
      const turns = [first, first ? "" : "-"].map((sign) => sign + column.name);
      set({ sort: [...turns, ""][turns.indexOf(state.sort) + 1] });
    } });
    button.append(...th.childNodes);
    th.append(button);
    const id = `${table.id}-${column.name}-values`;
    const values = column.kind === "text" && el("datalist", { id });
    column.input = el("input", {
      type: "search", autocomplete: "off", list: values && id, placeholder: say(HINTS[column.kind] ?? "filterText"),
      "aria-label": say("filter", { column: column.title }),
      oninput: paused(() => set({ filters: { ...state.filters, [column.name]: column.input.value } })),
      onfocus: () => values && suggest(values, column),
    });
    column.td = el("td", {}, column.input, values);
    filters.append(column.td);
  }

  function suggest(values, column) {
    load().then(() => {
      const texts = [...new Set(rows.map((row) => row.cells[column.name].text))].filter(Boolean);
      values.replaceChildren(...(texts.length > SUGGESTED ? [] : texts.sort().map((value) => el("option", { value }))));
    });
  }

  function open(wanted) {
    filters.hidden = !wanted;
    opener.setAttribute("aria-expanded", String(wanted));
    if (wanted && document.activeElement === opener) filters.querySelector("input")?.focus();
  }

  /** Changes the state, the address and the rows. */
  function set(change) {
    state = { ...state, page: 1, ...change };
    // The address of the page stays where it is in the history: one step back leads to the page before.
    history.replaceState(history.state, "", location.pathname + write(state, location.search, prefix) + location.hash);
    return show();
  }

  /** Loads the whole table, once. */
  function load() {
    if (whole || failed) return Promise.resolve();
    status.textContent = say("loading");
    loading ??= json(root() + (table.dataset.src || `data/${name}.json`))
      .then((data) => {
        const places = new Map(data.columns.map((column, index) => [column.name, { ...column, index }]));
        for (const { name, title, kind } of data.columns) {
          if (usual.includes(name)) continue;
          const th = el("th", { scope: "col", hidden: true }, title);
          head.append(th);
          columns.push({ name, title, kind, th, index: head.cells.length - 1 });
          equip(th, columns.at(-1));
        }
        rows = data.rows.map((row) => {
          const at = (column) => row[places.get(column)?.index] ?? "";
          const text = ({ name, kind }) => {
            const cell = String(at(name));
            if (kind === "number") return figure(cell, at(`${name}_qualifier`), at(`${name}_max`));
            return kind === "date" ? day(cell) : named(cell, places.get(name)?.labels ?? {});
          };
          const cells = columns.map((c) => [c.name, at(c.name) === "" ? { value: null, text: "" } : { value: at(c.name), text: text(c) }]);
          return { id: String(at("id")), cells: Object.fromEntries(cells) };
        });
        whole = true;
      })
      .catch(() => { failed = true; })
      .then(() => show());
    return loading;
  }

  function visible() {
    const wanted = state.cols?.filter((column) => columns.some((c) => c.name === column));
    return columns.filter((column) => (wanted?.length ? wanted : usual).includes(column.name));
  }

  function show() {
    const touched = state.q.trim() || Object.values(state.filters).some((text) => text.trim()) || state.sort || state.page > 1;
    const unknown = state.cols?.some((column) => !columns.some((c) => c.name === column));
    if ((touched || unknown) && !whole && !failed) return load();
    const found = touched ? select(rows, columns, state, document.documentElement.lang) : rows;
    // As long as nobody asks for more, the rows stay those of the HTML.
    const asWritten = !touched && written.length < total && !state.cols;
    const last = Math.max(1, Math.ceil(found.length / PAGE));
    const page = Math.min(state.page, last);
    const start = (page - 1) * PAGE;
    body.replaceChildren(...(asWritten ? written : found.slice(start, start + PAGE).map(line)));
    const seen = new Set(visible());
    for (const column of columns) {
      column.th.hidden = column.td.hidden = !seen.has(column);
      const sign = state.sort === column.name ? "ascending" : state.sort === `-${column.name}` ? "descending" : "none";
      column.th.setAttribute("aria-sort", sign);
      if (document.activeElement !== column.input) column.input.value = state.filters[column.name] ?? "";
      for (const tr of body.rows) if (tr.cells[column.index]) tr.cells[column.index].hidden = !seen.has(column);
    }
    if (document.activeElement !== all) all.value = state.q;
    clear.hidden = !touched;
    if (Object.keys(state.filters).length && filters.hidden) open(true);
    if (pages) pages.hidden = !asWritten;
    turn(asWritten ? 1 : last, page, start, found.length);
    count(asWritten ? written.length : found.length, whole ? rows.length : total);
  }

  function count(shown, of) {
    const missing = failed ? say("partial", { count: rows.length }) + (fromFolder() ? say("fromFolder") : "") : "";
    const text = shown === 0 ? say("none") : shown === of || of === Infinity ? say("count", { count: shown }) : say("countOf", { shown, count: of });
    status.textContent = `${missing} ${text}`.trim();
  }

  function turn(last, page, start, found) {
    pager.hidden = last < 2;
    const go = (to, text) => el("button", { type: "button", disabled: to < 1 || to > last, onclick: () => {
      set({ page: to });
      frame.scrollIntoView();
      pager.querySelector(to > page ? "button:last-child:enabled" : "button:enabled")?.focus({ preventScroll: true });
    } }, text);
    const here = el("span", {}, say("rows", { first: start + 1, last: Math.min(start + PAGE, found), total: found }));
    pager.replaceChildren(go(page - 1, say("previous")), here, go(page + 1, say("next")));
  }

  /** A row of the table: that of the HTML, or a new one from the data. */
  function line(row) {
    row.tr ??= el("tr", {}, [...head.cells].map((_, index) => {
      const column = columns.find((c) => c.index === index);
      if (!column) return el("td");
      const { value, text } = row.cells[column.name];
      const header = tags[index] === "TH";
      const to = header ? [folder, row.id] : [LINKS[column.name], value];
      const graded = column.name === "evidence" && value;
      const content = graded ? el("span", { class: `grade g-${value}` }, text) : to[0] && to[1] ? el("a", { href: `${root()}${to[0]}/${encodeURIComponent(to[1])}/index.html` }, text || to[1]) : text;
      return el(header ? "th" : "td", { scope: header && "row", class: column.kind === "number" && "num" }, content);
    }));
    return row.tr;
  }

  function choices() {
    const seen = visible();
    const boxes = columns.map((column) => {
      const box = el("input", { type: "checkbox", value: column.name, onchange: () => {
        const chosen = columns.filter((c) => choice.querySelector(`[value="${CSS.escape(c.name)}"]`).checked).map((c) => c.name);
        if (!chosen.length) box.checked = true; // a table without columns shows nothing to come back from
        else set({ cols: chosen.join() === usual.join() ? null : chosen, page: state.page });
      } });
      box.checked = seen.includes(column);
      return el("label", {}, box, " ", column.title);
    });
    choice.replaceChildren(choice.firstChild, ...boxes);
  }

  async function download(form) {
    await load();
    await show();
    take.open = false;
    const seen = visible();
    const found = select(rows, columns, state, document.documentElement.lang);
    const values = found.map((row) => [row.id, ...seen.filter((c) => c.name !== "id").map((c) => row.cells[c.name].value)]);
    const about = [{ name: "id", title: "Id", kind: "text" }, ...seen.filter((c) => c.name !== "id").map(({ name, title, kind }) => ({ name, title, kind }))];
    const file = `borderledger-${name}${values.length < (whole ? rows.length : total) ? "-selection" : ""}.${form}`;
    if (form === "csv") return save(file, "text/csv;charset=utf-8", csv(about.map((column) => column.name), values));
    save(file, "application/json", JSON.stringify({ address: location.href, columns: about, rows: values }, null, 1) + "\n");
  }
}

/** A cell of the HTML: what it shows, and the value behind it. */
function read(td) {
  const text = td?.textContent.trim() ?? "";
  const value = td?.dataset.value ?? text;
  return { text, value: value === "" ? null : value };
}

/** The identifier of a row of the HTML: its link leads to the page of that record or source. */
const identifier = (tr) => decodeURIComponent(/(?:record|source)\/([^/]+)\/(?:index\.html)?$/.exec(tr.querySelector("a")?.getAttribute("href") ?? "")?.[1] ?? "");
