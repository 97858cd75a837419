import type { BundleSize } from "../bundle-size.ts";
import type { JobResults } from "../jobs/job-results.ts";
import type { Measurement } from "../measure.ts";
import type { MemoryReport } from "../memory.ts";
import type { ScenarioProfile } from "../profile/profile-scenarios.ts";
import type { ScalingResult } from "../scaling/run-scaling.ts";
import type { WindowResults } from "../windows/window-results.ts";

/** All that a run has found, as it is written to bench/results/latest.json. */
export interface Results {
  readonly date: string;
  readonly mode: "quick" | "full";
  readonly machine: Machine;
  readonly measurements: readonly MeasuredRow[];
  readonly scaling: readonly ScalingResult[] | undefined;
  readonly jobs: JobResults | undefined;
  readonly windows: WindowResults | undefined;
  readonly sizes: readonly GoalRow[];
  readonly bundleParts: BundleSize["parts"];
  readonly memory: MemoryReport | undefined;
  readonly profiles: readonly ScenarioProfile[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** Whether the process that answers had a core of its own. */
  readonly isPinned: boolean;
  readonly node: string;
  readonly workerd: string;
  readonly headrace: string;
  readonly portkey: string;
}

/** A measurement that stands for itself. */
export type MeasuredRow = Omit<Measurement, "scenario"> & {
  readonly scenario: string;
  readonly baseline?: string;
  readonly goal?: number;
  readonly mostAdded?: number;
};

/** A number that is no ratio, with its goal where it has one. */
export interface GoalRow {
  readonly what: string;
  readonly value: number;
  readonly goal?: number;
  readonly unit: "KB" | "ms" | "MB";
}

export const toRow = ({ scenario, ...rest }: Measurement): MeasuredRow => ({
  ...rest,
  scenario: scenario.name,
  ...(scenario.baseline === undefined ? {} : { baseline: scenario.baseline }),
  ...(scenario.goal === undefined ? {} : { goal: scenario.goal }),
  ...(scenario.mostAdded === undefined ? {} : { mostAdded: scenario.mostAdded }),
});
