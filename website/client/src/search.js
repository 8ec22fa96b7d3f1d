// The search box of every page, with suggestions, and the results on the search page. The index is loaded on first use.
import { el, fromFolder, json, paused, root } from "./dom.js";
import { find, indexed } from "./index.js";
import { kindly, number, say } from "./texts.js";

const SUGGESTIONS = 8;
const STEP = 30; // results at a time

let index = null; // the promise of {index, whole}

const load = () => {
  index ??= json(`${root()}search.json`).then(indexed);
  index.catch(() => { index = null; }); // the network may come back
  return index;
};
const failure = () => say("noSearch") + (fromFolder() ? say("fromFolder") : "");
const about = (entry) => [kindly(entry.kind), entry.place, entry.year].filter(Boolean).join(" · ");

/** Brings the search boxes and the page of results to life. */
export function search() {
  document.querySelectorAll("form[role=search]").forEach(suggesting);
  const place = document.getElementById("results");
  if (place) results(place);
}

function suggesting(form, position) {
  const input = form.elements.q;
  const listed = `suggestions-${position}`;
  const list = el("ul", { id: listed, class: "suggestions", role: "listbox", "aria-label": say("suggestions"), hidden: true });
  const status = el("span", { class: "hidden", role: "status" });
  let active = -1;
  let last = "";
  for (const [key, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-controls": listed, "aria-expanded": "false",
  })) input.setAttribute(key, value);
  input.placeholder = input.title; // in the page itself, it would delay the first text by a tenth
  form.classList.add("suggesting");
  form.append(list, status);

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function move(to) {
    const options = [...list.children];
    active = (to + options.length + 1) % (options.length + 1); // one step past the end leads back to the box
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    if (options[active]) {
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }

  async function suggest() {
    const query = last = input.value.trim();
    if (query.length < 2) return close();
    let entries;
    try {
      entries = find((await load()).index, query).entries.slice(0, SUGGESTIONS);
    } catch {
      status.textContent = failure();
      return close();
    }
    if (query !== last || document.activeElement !== input) return; // the reader has gone on
    active = -1;
    list.replaceChildren(...entries.map((entry, place) =>
      el("li", { id: `${listed}-${place}`, role: "option", "aria-selected": "false", "data-url": entry.url },
        el("span", { class: "title" }, entry.title), " ", el("span", { class: "about" }, about(entry)))));
    list.hidden = !entries.length;
    input.setAttribute("aria-expanded", String(entries.length > 0));
    status.textContent = say("suggested", { count: entries.length });
  }

  input.addEventListener("focus", () => load().catch(() => {}), { once: true });
  input.addEventListener("input", paused(suggest, 120));
  input.addEventListener("blur", () => { last = ""; close(); });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !list.hidden) move(active + 1);
    else if (event.key === "ArrowUp" && !list.hidden) move(active < 0 ? list.children.length - 1 : active - 1);
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
  });
  list.addEventListener("mousedown", (event) => { // before the box loses focus
    event.preventDefault();
    const option = event.target.closest("[data-url]");
    if (option) location.assign(root() + option.dataset.url);
  });
  // The page's policy forbids to send forms; a form that only opens a page does not need it.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const option = list.children[active];
    const query = new URLSearchParams({ q: input.value.trim() });
    if (option && !list.hidden) location.assign(root() + option.dataset.url);
    else if (input.value.trim()) location.assign(`${form.action.split("?")[0]}?${query}`);
  });
}

async function results(place) {
  const status = document.getElementById("status") ?? place.parentElement.insertBefore(el("p", { id: "status", role: "status" }), place); // what a screen reader is told
  const given = new URLSearchParams(location.search);
  const query = (given.get("q") ?? "").trim();
  for (const form of document.querySelectorAll("form[role=search]")) form.elements.q.value = query;
  if (!query) return;
  status.textContent = say("searching");
  let found;
  try {
    const { index: all, whole } = await load();
    await whole;
    found = find(all, query);
  } catch {
    status.textContent = failure();
    return;
  }
  const { entries, loose } = found;
  if (!entries.length) {
    status.textContent = say("noResult", { query });
    return;
  }
  const kinds = new Map();
  for (const { kind } of entries) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  status.textContent = say(loose ? "loosely" : "results", { count: entries.length, query });
  const list = el("ol", { class: "results" });
  const more = el("button", { type: "button", onclick: () => show(list.children.length + STEP, list.children.length) }, say("more"));
  let chosen = kinds.has(given.get("kind")) ? given.get("kind") : "";
  const buttons = [["", entries.length], ...kinds].map(([kind, count]) =>
    el("button", { type: "button", "data-kind": kind, onclick: () => choose(kind) }, `${kind ? kindly(kind) : say("everything")} (${number(count)})`));
  place.replaceChildren(el("div", { class: "kinds", role: "group", "aria-label": say("kinds") }, buttons), list, more);
  choose(chosen);

  function choose(kind) {
    chosen = kind;
    const address = new URL(location.href);
    if (kind) address.searchParams.set("kind", kind);
    else address.searchParams.delete("kind");
    history.replaceState(history.state, "", address);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    list.replaceChildren();
    show(STEP, 0);
  }

  function show(count, from) {
    const fitting = entries.filter((entry) => !chosen || entry.kind === chosen);
    list.append(...fitting.slice(from, count).map((entry) =>
      el("li", {},
        el("a", { href: root() + entry.url }, entry.title), " ", el("span", { class: "about" }, about(entry)),
        entry.text && el("p", { class: "text" }, entry.text.length > 240 ? `${entry.text.slice(0, 240)}…` : entry.text))));
    more.hidden = fitting.length <= count;
    if (from) list.children[from]?.querySelector("a").focus();
  }
}
