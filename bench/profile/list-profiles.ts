import type { Bed } from "../bed.ts";
import type { Measurement } from "../measure.ts";
import type { ProfileRun } from "./profile-scenarios.ts";

/** Profiles what could be measured of the gateway, each for about so many seconds. */
export const listProfiles = (
  measurements: readonly Measurement[],
  { load }: Pick<Bed, "load">,
  seconds: number,
): ProfileRun[] =>
  measurements
    .filter(({ scenario, problem }) => scenario.subject === "headrace" && problem === undefined)
    .filter(({ group }) => !group.includes("at a time"))
    .map((measurement) => describeRun(measurement, load, seconds));

function describeRun({ scenario, rate }: Measurement, load: Bed["load"], seconds: number): ProfileRun {
  const { name, path, headers, body, connections } = scenario;
  const requests = Math.ceil((rate * seconds) / connections) * connections;
  let from = 0;
  return {
    name,
    requests,
    drive({ url }) {
      const order = { url: url + path, headers, body, from, connections, requests };
      from += requests;
      return load.run(order);
    },
  };
}
