// Answers what tests/website/test_client.py asks on standard input: {shown: [[name, ...values]], corrections: [...]}.
import { readFileSync } from "node:fs";
import { yaml } from "../src/correction.js";
import * as shown from "../src/shown.js";

const asked = JSON.parse(readFileSync(0, "utf8"));
const said = asked.shown.map(([name, ...values]) => shown[name](...values));
process.stdout.write(JSON.stringify({ shown: said, corrections: asked.corrections.map(yaml) }));
