import { accent, dim } from "../launcher/terminal.ts";

const BAR_WIDTH = 28;
/** Redrawing more often than this would not be seen. */
const REDRAW_MS = 50;
/** Without a terminal, a line is written at every quarter. */
const STEPS = 4;

/** The part of a stdout that is used. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  readonly advance: () => void;
  /** Leaves the line of the bar, whether or not it is full. */
  readonly end: () => void;
}

/** Shows how far a pass is: a live bar on a terminal, a few plain lines elsewhere. */
export function startProgress(label: string, total: number, output: ProgressOutput): Progress {
  const show = output.isTTY === true ? startBar(label, total, output) : startLines(label, total, output);
  let done = 0;
  return {
    advance: () => {
      done++;
      show(done);
    },
    end: () => void (output.isTTY === true && output.write("\n")),
  };
}

type Show = (done: number) => void;

function startBar(label: string, total: number, output: ProgressOutput): Show {
  let drawnAt = 0;
  return (done) => {
    const now = performance.now();
    if (done < total && now - drawnAt < REDRAW_MS) return;
    drawnAt = now;
    output.write(`\r\u001b[2K  ${renderBar(label, done, total)}`);
  };
}

function startLines(label: string, total: number, output: ProgressOutput): Show {
  let shown = 0;
  return (done) => {
    const step = Math.floor((done / total) * STEPS);
    if (step === shown) return;
    shown = step;
    output.write(`  ${label}: ${formatCount(done)} of ${formatCount(total)}\n`);
  };
}

/** One line of a live bar, without an end. */
export function renderBar(label: string, done: number, total: number): string {
  const filled = Math.floor((done / total) * BAR_WIDTH);
  const bar = accent("━".repeat(filled)) + dim("─".repeat(BAR_WIDTH - filled));
  const percent = `${Math.floor((done / total) * 100)}%`.padStart(4);
  return `${label.padEnd(16)} ${bar} ${percent}  ${formatCount(done)} of ${formatCount(total)}`;
}

/** Digits in groups of three: 2,761. */
export const formatCount = (count: number): string => count.toLocaleString("en-US");
