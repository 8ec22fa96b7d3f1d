// No font of another site, and nothing but the page itself; the rest is as Framework makes it.
export default {
  root: "src",
  title: "Returns by year",
  globalStylesheets: [],
  head: '<link rel="stylesheet" href="inputs.css">',
  sidebar: false,
  toc: false,
};
