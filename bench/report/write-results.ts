import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { GROUPS } from "../scenarios.ts";
import type { Results } from "./results.ts";
import { writeMarkdown } from "./tables.ts";

const PAGE = "docs/performance.md";
const LATEST = "bench/results/latest.json";
const [BEGIN, END] = ["<!-- measured: begin -->", "<!-- measured: end -->"];

/**
 * The numbers that were written last, with the parts that were measured now in the place of theirs; undefined
 * where no part was measured whole.
 */
export async function replaceParts(root: string, measured: Results): Promise<Results | undefined> {
  const latest = JSON.parse(await readFile(join(root, LATEST), "utf8")) as Results;
  const { scaling, jobs, windows, profiles, sizes } = measured;
  const groups = new Set(measured.measurements.map(({ group }) => group));
  const hasRequests = GROUPS.every(({ title }) => groups.has(title));
  if (!hasRequests && !scaling && !jobs && !windows && sizes.length === 0) return undefined;
  const names = new Set(profiles.map(({ name }) => name));
  const others = latest.profiles.filter(({ name }) => !names.has(name));
  return {
    ...latest,
    ...(hasRequests ? pickRequests(measured) : {}),
    ...(sizes.length > 0 ? pickSizes(measured) : {}),
    scaling: scaling ?? latest.scaling,
    jobs: jobs ?? latest.jobs,
    windows: windows ?? latest.windows,
    profiles: [...others, ...profiles],
  };
}

const pickRequests = ({ date, mode, machine, measurements }: Results) => ({
  date,
  mode,
  machine,
  measurements,
});
const pickSizes = ({ sizes, bundleParts, memory }: Results) => ({ sizes, bundleParts, memory });

/** Writes the numbers down, and puts their tables between the marks of the page that explains them. */
export async function writeResults(root: string, results: Results): Promise<string[]> {
  await mkdir(join(root, "bench/results"), { recursive: true });
  await writeFile(join(root, LATEST), JSON.stringify(results, undefined, 2));
  const page = await readFile(join(root, PAGE), "utf8");
  const [before, rest = ""] = page.split(BEGIN);
  const after = rest.slice(rest.indexOf(END) + END.length);
  const { date, machine, jobs, windows } = results;
  const day = date.slice(0, 10);
  const later = Object.entries({ jobs, windows }).flatMap(([name, part]) => {
    const partDay = part?.date.slice(0, 10) ?? day;
    return partDay === day ? [] : [`${name} on ${partDay}`];
  });
  const setting = [
    `Measured on ${day}${later.length === 0 ? "" : ` (${later.join(", ")})`}: ${machine.cores} cores of ${machine.cpu}${machine.isPinned ? " (one for the process that answers)" : ""}, Node ${machine.node.slice(1)},`,
    `workerd ${machine.workerd}, Portkey's gateway ${machine.portkey}.`,
  ].join(" ");
  const block = `${BEGIN}\n\n${setting}\n\n${writeMarkdown(results)}\n\n${END}`;
  await writeFile(join(root, PAGE), `${before}${block}${after}`);
  await promisify(execFile)(join(root, "node_modules/.bin/oxfmt"), [PAGE, LATEST], { cwd: root });
  return [LATEST, PAGE];
}
