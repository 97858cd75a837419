import type { JobBed } from "../jobs/measure-jobs.ts";
import { profileScenarios, type ScenarioProfile } from "../profile/profile-scenarios.ts";
import { startUpstream } from "../processes/start-upstream.ts";
import type { GatewaySource } from "../workers/build-workers.ts";
import { offerLoad } from "./offer-load.ts";
import { pointAt, UPSTREAM } from "./start-window-bed.ts";
import { STEEP } from "./window-cases.ts";

const RATE_PER_SECOND = 400;

/** Where the time goes when windows are busy. */
export async function profileWindows(
  { load, gateway }: JobBed & { readonly gateway: GatewaySource },
  seconds: number,
): Promise<ScenarioProfile> {
  await using upstream = await startUpstream(UPSTREAM, STEEP.upstream);
  const offer = {
    route: STEEP.windowed,
    ratePerSecond: RATE_PER_SECOND,
    requests: RATE_PER_SECOND * seconds,
  };
  const [profile] = await profileScenarios(pointAt(gateway, upstream.url), [
    {
      name: `window, ${RATE_PER_SECOND} a second`,
      requests: offer.requests,
      drive: (worker) => offerLoad({ load, worker, upstream }, offer),
    },
  ]);
  if (!profile) throw new Error("nothing was profiled");
  return profile;
}
