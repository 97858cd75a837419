import { draw } from "../helpers/fake-provider/draw.ts";
import type { Fault } from "../helpers/fake-provider/protocol.ts";
import type { SoakOptions } from "./options.ts";

/** When the first target is down and how, all of it drawn from the seed; pure. Times are milliseconds. */
export interface Outage {
  /** After the start. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly kind: string;
}

/** Ways to be down; nothing of an answer has left when one meets them. */
export const KINDS: Readonly<Record<string, Fault>> = {
  "500": { kind: "status", status: 500 },
  "503": { kind: "status", status: 503 },
  "429": { kind: "status", status: 429, headers: { "retry-after": "2" } },
  reset: { kind: "reset" },
  html: { kind: "html" },
  silence: { kind: "hang" },
};
const SHORTEST_MS = 1000;
const LONGEST_UP_MS = 6000;
const LONGEST_DOWN_MS = 12_000;

/** One after the other, for as long as the run goes on. */
export function buildPlan({ minutes, seed }: SoakOptions): readonly Outage[] {
  const outages: Outage[] = [];
  const names = Object.keys(KINDS);
  const pick = (what: string, longestMs: number) =>
    SHORTEST_MS + Math.floor(draw(seed, what, outages.length) * (longestMs - SHORTEST_MS));
  for (let fromMs = pick("up", LONGEST_UP_MS); fromMs < minutes * 60_000;) {
    const untilMs = fromMs + pick("down", LONGEST_DOWN_MS);
    outages.push({
      fromMs,
      untilMs,
      kind: names[Math.floor(draw(seed, "kind", outages.length) * names.length)] ?? "503",
    });
    fromMs = untilMs + pick("up", LONGEST_UP_MS);
  }
  return outages;
}
