// On the pages of agreements and of countries: the state of each agreement on the day that a reader chooses.
//
// The lists in the HTML are those of one day. Each agreement carries its spells (`STATE FIRST LAST;...`, written by
// website/states.py, with ? after a state that is not certain); this script looks the day up in them. The day stands in
// the address as `on`.
import { el } from "./dom.js";
import { day as worded } from "./shown.js";
import { say } from "./texts.js";

const box = document.getElementById("on-day");
if (box?.dataset.first) start(box.dataset);

function start({ first, last }) {
  const groups = new Map([...box.querySelectorAll("[data-state]")].map((group) => [group.dataset.state, group]));
  const titles = new Intl.Collator(document.documentElement.lang);
  const summary = document.getElementById("on-day-says");
  const all = [...box.querySelectorAll("[data-spells]")].map((li) => ({
    li,
    doubt: li.querySelector(".grade"),
    spells: li.dataset.spells.split(";").map((text) => {
      const [state, from, to] = text.split(" ");
      return { state: state.replace("?", ""), certain: !state.endsWith("?"), from, to };
    }),
  })).sort((one, two) => titles.compare(one.li.textContent, two.li.textContent));
  // The slider goes by months, the field by days: no hand finds one day among ten thousand.
  const month = (day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
  const fromMonth = (number) => clamped(`${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, "0")}-01`);
  const clamped = (day) => (day < first ? first : day > last ? last : day);
  const slider = el("input", { type: "range", id: "on-month", min: month(first), max: month(last) + 1, step: 1,
    oninput: () => choose(Number(slider.value) > month(last) ? last : fromMonth(Number(slider.value))) });
  const field = el("input", { type: "date", id: "on-date", min: first, max: last, oninput: () => choose(field.value), "aria-describedby": "on-error" });
  const error = el("p", { id: "on-error", class: "error", role: "status" });
  summary.before(
    el("div", { class: "tools day" },
      el("label", { for: "on-month" }, say("dayMonth")), slider,
      el("label", { for: "on-date" }, say("dayDate")), field),
    error);
  summary.setAttribute("role", "status");

  /** Shows the state on a day, and writes it into the address. */
  function choose(day) {
    if (!show(day)) return;
    const address = new URL(location.href);
    if (day === last) address.searchParams.delete("on");
    else address.searchParams.set("on", day);
    history.replaceState(history.state, "", address);
  }

  /** Shows the state on a day; if that is none, or one of which the dataset cannot know, says so and changes nothing. */
  function show(day) {
    const real = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
    const fits = real && day >= first && day <= last;
    error.textContent = fits ? "" : say("dayWrong", { first: worded(first), last: worded(last) });
    if (!fits) return false;
    const counts = new Map();
    const doubts = new Map();
    for (const { li, doubt, spells } of all) {
      const now = spells.find(({ from, to }) => from <= day && day <= to);
      li.hidden = !now;
      if (!now) continue;
      doubt.hidden = now.certain || now.state === "unknown";
      if (!doubt.hidden) doubts.set(now.state, (doubts.get(now.state) ?? 0) + 1);
      groups.get(now.state).querySelector("ul").append(li);
      counts.set(now.state, (counts.get(now.state) ?? 0) + 1);
    }
    const said = [];
    for (const [state, group] of groups) {
      const count = counts.get(state) ?? 0;
      group.hidden = !count;
      group.querySelector("summary span").textContent = `(${count})`;
      if (count) said.push(`${group.querySelector("summary").firstChild.textContent.trim()}: ${count}${doubts.has(state) ? ` ${say("doubted", { count: doubts.get(state) })}` : ""}`);
    }
    summary.textContent = `${say("onDay", { day: worded(day) })} ${said.length ? `${said.join("; ")}.` : say("dayNone")}`;
    if (document.activeElement !== slider) slider.value = day === last ? month(last) + 1 : month(day);
    slider.setAttribute("aria-valuetext", worded(day));
    if (document.activeElement !== field) field.value = day;
    return true;
  }

  const given = () => new URLSearchParams(location.search).get("on");
  if (!show(given() ?? last)) { const why = error.textContent; show(last); error.textContent = why; }
  addEventListener("popstate", () => show(given() ?? last));
}
