// On every page: tables that can be filtered, pictures to save, and the search box.
import { pictures } from "./picture.js";
import { search } from "./search.js";
import { tables } from "./table.js";

tables();
pictures();
search();
