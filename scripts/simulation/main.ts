import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CHART,
  OUTAGE_PAGE,
  PAGE,
  RELIABILITY_CHART,
  RELIABILITY_PAGE,
  writeDocuments,
  writeOutagePage,
  writeReliability,
} from "./documents.ts";
import { measureReliability } from "./reliability/results.ts";

/**
 * Simulates windows, outages and policies on a virtual clock, and writes the results into the documentation: the
 * charts and the tables. The same code gives the same bytes.
 *
 *   npm run simulate
 */
const root = join(import.meta.dirname, "../..");
const { chart, page } = writeDocuments(await readFile(join(root, PAGE), "utf8"));
await writeFile(join(root, CHART), chart);
await writeFile(join(root, PAGE), page);
await writeFile(join(root, OUTAGE_PAGE), writeOutagePage(await readFile(join(root, OUTAGE_PAGE), "utf8")));
const reliability = writeReliability(
  await readFile(join(root, RELIABILITY_PAGE), "utf8"),
  await measureReliability(),
);
await writeFile(join(root, RELIABILITY_CHART), reliability.chart);
await writeFile(join(root, RELIABILITY_PAGE), reliability.page);
console.log(
  `${CHART}, ${RELIABILITY_CHART} and the tables of ${PAGE}, ${OUTAGE_PAGE} and ${RELIABILITY_PAGE}`,
);
