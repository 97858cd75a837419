import { parseArgs } from "node:util";
import type { ChaosOptions } from "./plan.ts";

export const HELP = `npm run chaos -- [options]

Submits jobs to the gateway, and cancels, deletes and retries some of them, while it is killed and its
provider fails, then checks that none was lost and none has two outcomes. Ends with 0 only if so.

  --jobs <n>            how many jobs (2000)
  --kills <n>           how often the gateway is killed while they run (25); once more before the check
  --seed <n>            draws kinds, moments and faults (a new one each time; it is printed)
  --fail-rate <0-1>     the provider's calls that fail: 5xx, 429, connection reset (0.3)
  --hang-rate <0-1>     those that are never answered (0.02)
  --garbage-rate <0-1>  those that are answered with what is no answer (0.02)
  --webhook-rate <0-1>  the jobs that have a webhook, of those that can (0.3)
  --change-rate <0-1>   the jobs that are canceled, deleted or retried (0.2)
  --load-seconds <n>    over how long the submissions are spread (150)
  --outages <n,n,…>     how many seconds each outage of the provider lasts (1,20); "" for none
  --settle-seconds <n>  how long jobs may take to end after the last kill (300)
  --help                prints this
`;

/** The seed of a run that names none. */
const newSeed = () => String(Math.floor(Math.random() * 1e6));

/** Reads the command line; undefined where it asks for help. Throws with words of its own otherwise. */
export function readOptions(args: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      jobs: { type: "string", default: "2000" },
      kills: { type: "string", default: "25" },
      seed: { type: "string", default: newSeed() },
      "fail-rate": { type: "string", default: "0.3" },
      "hang-rate": { type: "string", default: "0.02" },
      "garbage-rate": { type: "string", default: "0.02" },
      "webhook-rate": { type: "string", default: "0.3" },
      "change-rate": { type: "string", default: "0.2" },
      "load-seconds": { type: "string", default: "150" },
      outages: { type: "string", default: "1,20" },
      "settle-seconds": { type: "string", default: "300" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const count = (name: Exclude<keyof typeof values, "help">) => readNumber(name, values[name], Infinity);
  const share = (name: Exclude<keyof typeof values, "help">) => readNumber(name, values[name], 1);
  return {
    jobs: count("jobs"),
    kills: count("kills"),
    seed: count("seed"),
    failRate: share("fail-rate"),
    hangRate: share("hang-rate"),
    garbageRate: share("garbage-rate"),
    webhookRate: share("webhook-rate"),
    changeRate: share("change-rate"),
    loadSeconds: count("load-seconds"),
    outageSeconds: values.outages
      .split(",")
      .filter((each) => each !== "")
      .map((each) => readNumber("outages", each, Infinity)),
    settleSeconds: count("settle-seconds"),
  };
}

function readNumber(name: string, text: string, most: number): number {
  const value = Number(text);
  const good = text.trim() !== "" && value >= 0 && value <= most && (most === 1 || Number.isInteger(value));
  if (good) return value;
  throw new Error(
    `--${name}: expected ${most === 1 ? "a number from 0 to 1" : "a whole number"}, not "${text}".`,
  );
}
