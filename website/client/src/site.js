// On every page: tables that can be filtered, and the search box.
import { search } from "./search.js";
import { tables } from "./table.js";

tables();
search();
