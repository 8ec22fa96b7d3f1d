// On every page: tables that can be filtered, pictures to save, and the search box.
import { pictures } from "./picture.js";
import { search } from "./search.js";
import { tables } from "./table.js";

function start() {
  tables();
  pictures();
  search();
}

// A reader sees the page first. If the address asks for some rows or words, they are what there is to see.
if (location.search) start();
else requestAnimationFrame(() => setTimeout(start));
