import type { Column } from "../../scripts/demo/table.ts";
import type { WindowGoal, WindowLoad, WindowResults } from "../windows/window-results.ts";
import { STEEP } from "../windows/window-cases.ts";
import { costs, type Section } from "./job-tables.ts";

const DIGITS = { "/s": 0, "×": 2 } as const;
const write = (value: number, unit: WindowGoal["unit"]) => value.toFixed(DIGITS[unit]);

const goals: readonly Column<WindowGoal>[] = [
  { title: "a call takes", read: ({ upstream }) => upstream, align: "left" },
  { title: "what", read: ({ what }) => what, align: "left" },
  { title: "value", read: ({ value, unit }) => write(value, unit) + unit },
  { title: "rounds", read: ({ spread, unit }) => spread?.map((one) => write(one, unit)).join("-") ?? "" },
  { title: "goal", read: describeGoal },
  { title: "", read: judge, align: "left" },
];

function describeGoal({ atLeast, atMost, unit }: WindowGoal): string {
  if (atLeast !== undefined) return `≥ ${atLeast}${unit}`;
  return atMost === undefined ? "" : `≤ ${atMost}${unit}`;
}

function judge({ value, unit, atLeast, atMost }: WindowGoal): string {
  if (atLeast === undefined && atMost === undefined) return "";
  const shown = Number(write(value, unit));
  return shown >= (atLeast ?? -Infinity) && shown <= (atMost ?? Infinity) ? "met" : "missed";
}

const loads: readonly Column<WindowLoad>[] = [
  { title: "route", read: ({ name }) => name, align: "left" },
  { title: "a second", read: ({ ratePerSecond }) => String(ratePerSecond) },
  { title: "p50 ms", read: ({ times }) => times.p50.toFixed(1) },
  { title: "p99 ms", read: ({ times }) => times.p99.toFixed(1) },
  { title: "in time", read: ({ inTimeShare }) => `${(inTimeShare * 100).toFixed(1)} %` },
  { title: "calls per 1,000", read: ({ callsPer1000 }) => callsPer1000.toFixed(0) },
  { title: "items a call", read: ({ itemsPerCall }) => itemsPerCall.toFixed(1) },
  { title: "CPU µs", read: ({ cpuMicroseconds }) => cpuMicroseconds.toFixed(0) },
];

/** The tables of a run's windows. */
export const listWindowSections = (results: WindowResults): Section[] => [
  {
    title: "Windows: what a device answers, one call each and in batches",
    columns: goals,
    rows: results.goals,
  },
  { title: `Windows: waiting and calls, where one takes ${STEEP.name}`, columns: loads, rows: results.loads },
  {
    title: "Windows: what one request asks of the platform, and what a million cost",
    columns: costs,
    rows: results.costs,
  },
];
