import type { Watcher } from "./run-chaos.ts";

/** The part of a stdout that is used. */
interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Where there is no terminal, a line at every so many kills. */
const KILLS_A_LINE = 5;

/** Shows how far a run is: one line that changes on a terminal, a line now and then elsewhere. */
export function startProgress(total: number, output: Output): Watcher {
  const startedAt = performance.now();
  const live = output.isTTY === true;
  const counts = { accepted: 0, ended: 0, kills: 0 };
  const line = (text: string) => {
    const seconds = String(Math.round((performance.now() - startedAt) / 1000)).padStart(4);
    return `${live ? "\r\u001b[2K" : ""}${seconds} s  ${text}`;
  };
  const show = (due: boolean) => {
    const { accepted, ended, kills } = counts;
    const known = ended > 0 ? `, ${ended} known to have ended` : "";
    const text = line(`kills: ${kills}; ${accepted} of ${total} jobs accepted${known}`);
    if (live) output.write(text);
    else if (due) output.write(`${text}\n`);
  };
  return {
    say: (text) => void output.write(`${line(text)}\n`),
    killed: (kills) => {
      counts.kills = kills;
      show(kills % KILLS_A_LINE === 0);
    },
    accepted: () => {
      counts.accepted++;
      show(false);
    },
    ended: (ended) => {
      const all = ended === total && counts.ended < total;
      counts.ended = ended;
      show(all);
    },
  };
}
