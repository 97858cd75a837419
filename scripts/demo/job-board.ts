import { accent, dim, good, warning } from "../launcher/terminal.ts";
import { formatCount, type ProgressOutput } from "./progress.ts";

/** How far jobs are, in the order in which the bar shows them. */
const STAGES = ["done", "running", "retrying", "queued"] as const;
export type Stage = (typeof STAGES)[number];
export type StageCounts = Readonly<Record<Stage, number>>;

const PAINTS = { done: good, running: accent, retrying: warning, queued: dim } as const;
/** Told apart without colours too. */
const MARKS = { done: "━", running: "╍", retrying: "┄", queued: "─" } as const;
/** In the order of a job's life. */
const LEGEND: readonly Stage[] = ["queued", "running", "retrying", "done"];

const LABEL_WIDTH = 10;
const REDRAW_MS = 50;
/** Without a terminal, a line is written at every quarter. */
const STEPS = 4;

/** Shows where each of many jobs is: a live bar on a terminal, a few plain lines elsewhere. */
export interface JobBoard {
  /** Tells where a job is now. */
  readonly move: (key: string, stage: Stage) => void;
  /** Leaves the line of the bar. */
  readonly end: () => void;
}

export interface BoardOutput extends ProgressOutput {
  readonly columns?: number;
}

export function startBoard(label: string, total: number, output: BoardOutput): JobBoard {
  const stages = new Map<string, Stage>();
  const counts = { done: 0, running: 0, retrying: 0, queued: 0 };
  const show = output.isTTY === true ? startBar(label, total, output) : startLines(label, total, output);
  // Jobs that wait for their retry send no events: the last change has to be drawn without another.
  const timer = setInterval(() => show.draw(counts), REDRAW_MS);
  return {
    move: (key, stage) => {
      const before = stages.get(key);
      if (before !== undefined) counts[before]--;
      counts[stage]++;
      stages.set(key, stage);
      show.step(counts);
    },
    end: () => {
      clearInterval(timer);
      show.draw(counts);
      show.end();
    },
  };
}

interface Show {
  /** At every move. */
  readonly step: (counts: StageCounts) => void;
  /** Now and then. */
  readonly draw: (counts: StageCounts) => void;
  readonly end: () => void;
}

function startBar(label: string, total: number, output: BoardOutput): Show {
  let drawn = "";
  return {
    step: () => {},
    draw: (counts) => {
      const line = renderBoard(label, counts, { total, columns: output.columns ?? 80 });
      if (line !== drawn) output.write(`\r\u001b[2K  ${line}`);
      drawn = line;
    },
    end: () => void output.write("\n"),
  };
}

function startLines(label: string, total: number, output: BoardOutput): Show {
  let shown = 0;
  return {
    step: (counts) => {
      const step = Math.floor((counts.done / total) * STEPS);
      if (step === shown) return;
      shown = step;
      const others = LEGEND.filter((stage) => stage !== "done").map((stage) => `${counts[stage]} ${stage}`);
      output.write(`  ${label}: ${counts.done} of ${total} done, ${others.join(", ")}\n`);
    },
    draw: () => {},
    end: () => {},
  };
}

interface Space {
  readonly total: number;
  /** Of the terminal. */
  readonly columns: number;
}

/** One line of a live bar, without an end; it leaves the indent and the last column free. */
export function renderBoard(label: string, counts: StageCounts, { total, columns }: Space): string {
  const digits = formatCount(total).length;
  const legend = LEGEND.map((stage) => `${stage} ${formatCount(counts[stage]).padStart(digits)}`);
  const taken = LABEL_WIDTH + 1 + legend.join("  ").length + 2 + 3;
  const width = Math.min(40, Math.max(8, columns - taken));
  const painted = legend.map((text, at) => PAINTS[LEGEND[at] ?? "done"](text));
  return `${label.padEnd(LABEL_WIDTH)} ${renderBar(counts, total, width)}  ${painted.join("  ")}`;
}

/** Jobs by stage; those that are not submitted yet count as queued. */
function renderBar(counts: StageCounts, total: number, width: number): string {
  let jobs = 0;
  let from = 0;
  return STAGES.map((stage) => {
    jobs += counts[stage];
    const to = stage === "queued" ? width : Math.floor((jobs / total) * width);
    const part = PAINTS[stage](MARKS[stage].repeat(to - from));
    from = to;
    return part;
  }).join("");
}
