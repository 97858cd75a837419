import { parseArgs } from "node:util";

/** What can be drawn: the tests that draw it, and how many inputs they draw by themselves. */
export const KINDS = {
  requests: { files: ["test/e2e/fuzz/requests.test.ts"], inputs: 840 },
  answers: { files: ["test/e2e/fuzz/answers.test.ts"], inputs: 480 },
  sockets: { files: ["test/e2e/fuzz/sockets.test.ts"], inputs: 100 },
  jobs: { files: ["test/e2e/jobs/job-fuzz.test.ts"], inputs: 2620 },
} as const;
export type Kind = keyof typeof KINDS;

export const HELP = `npm run fuzz -- [options]

Sends the gateway what nobody should: hostile requests to every endpoint, providers' answers with their
parts replaced, odd WebSocket upgrades and frames, and jobs asked for in any order. Ends with 0 only if each
answer was a documented one, no bug was logged, and memory did not grow with the inputs. A failure is made
small, and printed with the seed and path that draw it again.

  --count <n>    about how many inputs in all (10000)
  --seed <n>     draws them (a new one each time; it is printed)
  --only <kind>  ${Object.keys(KINDS).join(", ")}; may be given again (all)
  --help         prints this
`;

export interface FuzzOptions {
  readonly count: number;
  readonly seed: number;
  readonly kinds: readonly Kind[];
}

/** Reads the command line; undefined where it asks for help. Throws with words of its own otherwise. */
export function readOptions(args: readonly string[]): FuzzOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      count: { type: "string", default: "10000" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e6)) },
      only: { type: "string", multiple: true, default: Object.keys(KINDS) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    count: readCount("count", values.count),
    seed: readCount("seed", values.seed),
    kinds: values.only.map(readKind),
  };
}

function readCount(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error(`--${name}: expected a whole number, not "${text}".`);
}

function readKind(text: string): Kind {
  if (Object.hasOwn(KINDS, text)) return text as Kind;
  throw new Error(`--only: expected one of ${Object.keys(KINDS).join(", ")}, not "${text}".`);
}

/** How many times more than by themselves the tests are to draw; at least once. */
export function findTimes({ count, kinds }: Pick<FuzzOptions, "count" | "kinds">): number {
  const usual = kinds.reduce((sum, kind) => sum + KINDS[kind].inputs, 0);
  return Math.max(1, count / usual);
}
