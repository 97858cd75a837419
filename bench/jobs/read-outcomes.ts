import type { Arrival } from "../load/protocol.ts";
import type { JobScenario } from "./job-scenarios.ts";

const READERS = 16;

/**
 * How long each job took in milliseconds, from when its request was due to its outcome. Of a queued job
 * the object itself noted when that was; it is asked here, when the run is over and nothing is measured.
 */
export async function readDurations(
  url: string,
  { headers, queued }: JobScenario,
  arrivals: readonly Arrival[],
): Promise<number[]> {
  if (!queued) return arrivals.map(({ dueAt, answeredAt }) => answeredAt - dueAt);
  const waiting = arrivals.values();
  const durations: number[] = [];
  const read = async () => {
    for (const { dueAt, location } of waiting) {
      durations.push((await readEnd(`${url}${location}`, headers)) - dueAt);
    }
  };
  await Promise.all(Array.from({ length: READERS }, read));
  return durations;
}

async function readEnd(url: string, headers: JobScenario["headers"]): Promise<number> {
  const response = await fetch(url, { headers });
  const job = (await response.json()) as { readonly status?: string; readonly ended_at?: string };
  if (job.status !== "succeeded") throw new Error(`a job is ${job.status ?? response.status}`);
  return Date.parse(job.ended_at ?? "");
}
