import { parseArgs } from "node:util";

export const HELP = `npm run soak -- [options]

Sends a steady load to the built gateway while the first of its two providers goes down and up. Ends with
0 only if its memory has stayed flat, clients have hardly noticed, and the provider was left alone while
it was down.

  --minutes <n>  how long (10)
  --rate <n>     requests a second (30)
  --seed <n>     draws when it goes down, how and for how long (a new one each time; it is printed)
  --help         prints this
`;

export interface SoakOptions {
  readonly minutes: number;
  /** Requests a second. */
  readonly rate: number;
  readonly seed: number;
}

/** Reads the command line; undefined where it asks for help. Throws with words of its own otherwise. */
export function readOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "10" },
      rate: { type: "string", default: "30" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e6)) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const read = (name: "minutes" | "rate" | "seed") => {
    const value = Number(values[name]);
    if (values[name].trim() !== "" && value >= 0 && value < Infinity) return value;
    throw new Error(`--${name}: expected a number, not "${values[name]}".`);
  };
  return { minutes: read("minutes"), rate: read("rate"), seed: read("seed") };
}
