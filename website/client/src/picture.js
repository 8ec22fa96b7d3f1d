// Beside the link to the SVG of each chart: the same picture as PNG, for programs that take no SVG.
import { el, fromFolder, save } from "./dom.js";
import { say } from "./texts.js";

/** The most pixels that every browser gives a canvas; Safari on phones has the least. */
const MOST = 16_000_000;
/** The pixels of the file for each pixel of the chart, so that letters are sharp in print. */
const SHARP = 2;

/** Adds the buttons. From a folder there are none: browsers keep what is drawn from a file there to themselves. */
export function pictures() {
  if (fromFolder()) return;
  for (const link of document.querySelectorAll("a[data-picture]")) {
    const error = el("span", { class: "error", role: "status" });
    link.after(
      el("button", { type: "button", onclick: () => give(link, error) },
        say("picturePng"), el("span", { class: "hidden" }, `: ${link.dataset.picture}`)),
      error);
  }
}

async function give(link, error) {
  error.textContent = "";
  try {
    save(link.download.replace(/\.svg$/, ".png"), "image/png", await png(link.href));
  } catch {
    error.textContent = say("pictureFailed");
  }
}

/** The picture of an address, drawn as PNG. */
async function png(address) {
  const image = await new Promise((done, failed) => {
    const one = el("img", { onload: () => done(one), onerror: failed });
    one.src = address;
  });
  const scale = Math.min(SHARP, Math.sqrt(MOST / (image.naturalWidth * image.naturalHeight)));
  const canvas = el("canvas", {
    width: Math.floor(image.naturalWidth * scale), height: Math.floor(image.naturalHeight * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error("no picture");
  return blob;
}
