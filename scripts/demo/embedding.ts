import type { Headrace } from "../../sdk/index.ts";
import { mapInParallel } from "./in-parallel.ts";
import type { Passage } from "./passages.ts";
import { summarisePass, type PassReport } from "./pass-report.ts";
import { startProgress } from "./progress.ts";
import { takeSample, type Sample } from "./sample.ts";

/** The route of headrace.config.ts that gives vectors. */
const MODEL = "embed";
/** Requests under way at once, as a small server would have them. */
const WIDTH = 8;

/** Identical requests: TIMES at once, in ROUNDS rounds, each with BATCH texts, which take longer than one. */
const TIMES = 32;
const ROUNDS = 4;
const BATCH = 32;

export interface Vectors {
  readonly report: PassReport;
  readonly vectors: readonly (readonly number[])[];
}

/** Embeds every passage in a request of its own. */
export async function embedPassages(
  client: Headrace,
  passages: readonly Passage[],
  name: string,
  signal: AbortSignal,
): Promise<Vectors> {
  const progress = startProgress(name, passages.length, process.stdout);
  const results = await mapInParallel(passages, WIDTH, async ({ text }) => {
    const result = await embedText(client, text, signal);
    progress.advance();
    return result;
  }).finally(progress.end);
  const report = summarisePass(
    name,
    results.map(({ sample }) => sample),
  );
  return { report, vectors: results.map(({ vector }) => vector) };
}

/** Sends each of a few new requests many times at the same moment. */
export async function embedAtOnce(
  client: Headrace,
  passages: readonly Passage[],
  name: string,
  signal: AbortSignal,
): Promise<PassReport> {
  const progress = startProgress(name, ROUNDS * TIMES, process.stdout);
  const samples: Sample[] = [];
  const sendRound = async (input: readonly string[]): Promise<void> => {
    // Otherwise the first requests would be done before the last connections are open.
    await repeat(() => client.models({ signal }));
    const request = { model: MODEL, input: [...input] };
    const results = await repeat(() => takeSample(() => client.embed(request, { signal })));
    samples.push(...results.map(({ sample }) => sample));
    results.forEach(progress.advance);
  };
  try {
    for (let round = 0; round < ROUNDS; round++) await sendRound(takeRound(passages, round * BATCH, BATCH));
  } finally {
    progress.end();
  }
  return summarisePass(name, samples);
}

const repeat = <T>(call: () => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: TIMES }, call));

/** The texts of one round, beginning again at the first where they end. */
const takeRound = (passages: readonly Passage[], from: number, count: number): string[] =>
  Array.from({ length: count }, (_, at) => passages[(from + at) % passages.length]?.text ?? "");

/** The vector of one text. */
export async function embedText(
  client: Headrace,
  text: string,
  signal: AbortSignal,
): Promise<{ readonly vector: readonly number[]; readonly sample: Sample }> {
  const { answer, sample } = await takeSample(() => client.embed({ model: MODEL, input: text }, { signal }));
  const vector = answer.data[0]?.embedding;
  if (!Array.isArray(vector)) throw new TypeError("The gateway gave no vector.");
  return { vector, sample };
}
