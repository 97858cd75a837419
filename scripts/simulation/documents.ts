import { drawFigure } from "./chart/figure.ts";
import { writeFindings } from "./findings.ts";
import { CASES, sweepCases, sweepDelays, type Sweeps } from "./sweep.ts";
import { DELAY_LOADS, writeTables } from "./tables.ts";

export const CHART = "docs/windows.svg";
export const PAGE = "docs/windows.md";

const [BEGIN, END] = ["<!-- simulated: begin -->", "<!-- simulated: end -->"];

export interface Documents {
  readonly chart: string;
  readonly page: string;
}

/** The chart, and the page with the numbers between its marks replaced. */
export function writeDocuments(page: string, sweeps: Sweeps = sweepCases()): Documents {
  const tables = writeTables(sweeps, sweepDelays(CASES.steep, DELAY_LOADS));
  const numbers = `${writeFindings(sweeps)}\n\n${tables}`;
  const [before, rest = ""] = page.split(BEGIN);
  const after = rest.slice(rest.indexOf(END) + END.length);
  return { chart: drawFigure(sweeps), page: `${before}${BEGIN}\n\n${numbers}\n\n${END}${after}` };
}
