// In each page itself: brings the scripts and their style sheet when the page is there. As long as <html> has
// `data-scripts`, there are more to come.
const { root, scripts } = document.documentElement.dataset;

function bring() {
  // The search box waits in a template: browsers look through the forms of a page before they show it.
  const waiting = document.querySelector("header > template");
  waiting?.replaceWith(waiting.content);
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${root}assets/tools.css` });
  document.head.append(style);
  // In this order: one may need what the one before it has brought.
  const brought = scripts.split(" ").map((name) => {
    const script = Object.assign(document.createElement("script"), { src: `${root}assets/${name}`, async: false });
    document.head.append(script);
    return script;
  });
  brought.at(-1).onload = () => delete document.documentElement.dataset.scripts;
}

// A reader sees the page first. If the address asks for some rows or words, they are what there is to see.
addEventListener("DOMContentLoaded", () => {
  if (location.search) bring();
  else requestAnimationFrame(() => setTimeout(bring));
});
