import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CHART, PAGE, writeDocuments } from "./documents.ts";

/**
 * Simulates windows on a virtual clock, and writes the results into the documentation: the chart and the
 * tables. The same code gives the same bytes.
 *
 *   npm run simulate
 */
const root = join(import.meta.dirname, "../..");
const { chart, page } = writeDocuments(await readFile(join(root, PAGE), "utf8"));
await writeFile(join(root, CHART), chart);
await writeFile(join(root, PAGE), page);
console.log(`${CHART} and the tables of ${PAGE}`);
