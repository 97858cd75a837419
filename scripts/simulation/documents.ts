import { drawFigure } from "./chart/figure.ts";
import { writeFindings } from "./findings.ts";
import { writeOutageTable } from "./outages/outage-table.ts";
import { type Measured, measureOutages } from "./outages/outages.ts";
import { drawReliability } from "./reliability/figure.ts";
import type { Results } from "./reliability/results.ts";
import { writeReliabilityTables } from "./reliability/tables.ts";
import { CASES, sweepCases, sweepDelays, type Sweeps } from "./sweep.ts";
import { DELAY_LOADS, writeTables } from "./tables.ts";

export const CHART = "docs/windows.svg";
export const PAGE = "docs/windows.md";
export const OUTAGE_PAGE = "docs/jobs.md";

export const RELIABILITY_CHART = "docs/reliability.svg";
export const RELIABILITY_PAGE = "docs/reliability.md";

const [BEGIN, END] = ["<!-- simulated: begin -->", "<!-- simulated: end -->"];

export interface Documents {
  readonly chart: string;
  readonly page: string;
}

/** The chart, and the page with the numbers between its marks replaced. */
export function writeDocuments(page: string, sweeps: Sweeps = sweepCases()): Documents {
  const tables = writeTables(sweeps, sweepDelays(CASES.steep, DELAY_LOADS));
  return { chart: drawFigure(sweeps), page: replace(page, `${writeFindings(sweeps)}\n\n${tables}`) };
}

/** The page of jobs, with the table of outages between its marks replaced. */
export const writeOutagePage = (page: string, outages: readonly Measured[] = measureOutages()): string =>
  replace(page, writeOutageTable(outages));

/** The chart of reliability, and its page with the tables between its marks replaced. */
export const writeReliability = (page: string, results: Results): Documents => ({
  chart: drawReliability(results),
  page: replace(page, writeReliabilityTables(results)),
});

function replace(page: string, numbers: string): string {
  const [before, rest = ""] = page.split(BEGIN);
  const after = rest.slice(rest.indexOf(END) + END.length);
  return `${before}${BEGIN}\n\n${numbers}\n\n${END}${after}`;
}
