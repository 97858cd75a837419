import { judgeSoak, measureGrowth, type Soak } from "./judge.ts";

const MB = 1024 * 1024;

/** What a run has shown, in a few lines. */
export function writeReport(soak: Soak): string {
  const { requests, errors, outages, residentBytes } = soak;
  const downMs = outages.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
  const calls = outages.reduce((sum, outage) => sum + outage.calls, 0);
  const faults = judgeSoak(soak);
  return [
    `${requests} requests, ${errors.length} failed (${((100 * errors.length) / requests).toFixed(3)}%)`,
    `sent at most ${(soak.lateMs / 1000).toFixed(1)} s late: much more than that, and the machine was too busy`,
    `${outages.length} outages of ${Math.round(downMs / 1000)} s together: ${calls} calls of targets that were down`,
    `memory: ${toMb(Math.min(...residentBytes))} to ${toMb(Math.max(...residentBytes))} MB, ` +
      `grown by ${toMb(measureGrowth(residentBytes))} MB from the second quarter to the last`,
    ...(faults.length === 0 ? ["all is well"] : faults.map((fault) => `WRONG: ${fault}`)),
  ].join("\n");
}

const toMb = (bytes: number) => (bytes / MB).toFixed(1);
