import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CHART, OUTAGE_PAGE, PAGE, writeDocuments, writeOutagePage } from "./documents.ts";

/**
 * Simulates windows and outages on a virtual clock, and writes the results into the documentation: the chart and
 * the tables. The same code gives the same bytes.
 *
 *   npm run simulate
 */
const root = join(import.meta.dirname, "../..");
const { chart, page } = writeDocuments(await readFile(join(root, PAGE), "utf8"));
await writeFile(join(root, CHART), chart);
await writeFile(join(root, PAGE), page);
await writeFile(join(root, OUTAGE_PAGE), writeOutagePage(await readFile(join(root, OUTAGE_PAGE), "utf8")));
console.log(`${CHART} and the tables of ${PAGE} and ${OUTAGE_PAGE}`);
