// The few helpers that all scripts share. Text from data only ever goes in as text.

/** An element with attributes and children. `onclick` and the like are listeners; false and undefined leave out. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

/** The relative way from this page to the root of the site. */
export const root = () => document.documentElement.dataset.root || "";

/** The JSON of an address; raises an error if it cannot be read. */
export async function json(address) {
  if (fromFolder()) throw new Error("no data from a folder"); // before the browser complains
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}

/** Is the site open from a folder? Then browsers load no data. */
export const fromFolder = () => location.protocol === "file:";

/** Calls `action` once the calls have paused for `ms`. */
export function paused(action, ms = 150) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), ms);
  };
}

/** Gives a text or the bytes of a blob to the reader as a file. */
export function save(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = el("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
