// Draws SVG as PNG while the site is built: reads [[svg, file], ...] as JSON from the standard input; see website/cards.py.
//
// resvg is WebAssembly here, and the font comes with a package: the same SVG gives the same bytes on every machine.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";

const { resolve } = createRequire(import.meta.url);
const faces = ["400Regular", "600SemiBold", "700Bold", "400Regular_Italic"];
const font = {
  fontBuffers: faces.map((face) => readFileSync(resolve(`@expo-google-fonts/source-sans-3/${face}/SourceSans3_${face}.ttf`))),
  defaultFontFamily: "Source Sans 3",
};

await initWasm(readFileSync(resolve("@resvg/resvg-wasm/index_bg.wasm")));
for (const [svg, file] of JSON.parse(readFileSync(0, "utf8"))) {
  writeFileSync(file, new Resvg(svg, { font }).render().asPng());
}
