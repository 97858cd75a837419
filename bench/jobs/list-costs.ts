import type { CountedJobs, JobUse } from "./count-jobs.ts";
import type { CostRow } from "./job-results.ts";
import { INLINE } from "./job-scenarios.ts";
import type { JobTiming } from "./measure-jobs.ts";
import { costPerMillion, type PlatformUse } from "./platform-cost.ts";

/** USD for a million jobs, up to the outcome. */
const GOALS = { queued: 5, inline: 3.5, directory: 2 };

/** What the counted uses cost, with the CPU time that was measured; the directory's part stands apart. */
export function listCosts({ uses, afterwards }: CountedJobs, timings: readonly JobTiming[]): CostRow[] {
  const jobs = uses.map((use) => {
    const goalUsd = use.name === INLINE.name ? GOALS.inline : GOALS.queued;
    return row(use.name, { ...use.use, cpuMs: findCpuMs(use, timings) }, { ...use, goalUsd });
  });
  const directories = uses.map((use) =>
    row(`the directory's part: ${use.name}`, use.directory, { ...use, goalUsd: GOALS.directory }),
  );
  const kept = afterwards
    ? [
        row("after the end of a queued job, until it is forgotten", afterwards.use),
        row("the directory's part of that", afterwards.directory),
      ]
    : [];
  return [...jobs, ...directories, ...kept];
}

function row(
  what: string,
  use: PlatformUse,
  more: { readonly ratePerSecond?: number; readonly goalUsd?: number } = {},
): CostRow {
  const { ratePerSecond, goalUsd } = more;
  return {
    what,
    ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
    use,
    costUsd: costPerMillion(use),
    ...(goalUsd === undefined ? {} : { goalUsd }),
  };
}

/** Of the same kind of jobs, at the measured rate that is nearest to the counted one. */
function findCpuMs({ timedAs, ratePerSecond }: JobUse, timings: readonly JobTiming[]): number {
  const [nearest] = timings
    .filter((timing) => timing.name === timedAs)
    .toSorted(
      (a, b) => Math.abs(a.ratePerSecond - ratePerSecond) - Math.abs(b.ratePerSecond - ratePerSecond),
    );
  return (nearest?.cpuMicroseconds ?? Number.NaN) / 1000;
}
