import { parseArgs } from "node:util";
import { Headrace } from "../sdk/index.ts";
import { type FakeProvider, startFakeProvider } from "../test/helpers/fake-provider-client.ts";
import { runJobs } from "./demo/durable-jobs.ts";
import { embedAtOnce, embedPassages } from "./demo/embedding.ts";
import { variablesFor } from "./demo/failing-provider.ts";
import { readPassages, thin, type Passage } from "./demo/passages.ts";
import { findPrice } from "./demo/price.ts";
import { formatCount } from "./demo/progress.ts";
import { answerQuestions } from "./demo/questions.ts";
import { printCost, printPasses } from "./demo/report.ts";
import { openSession, prepareSession, type Session, type SessionSettings } from "./demo/session.ts";
import { CommandFailure } from "./launcher/command-failure.ts";
import { runCommand } from "./launcher/run-command.ts";
import { bold, dim, good, print } from "./launcher/terminal.ts";

/** `npm run demo`: the gateway at work on real text, from its start to its end. */
async function demo(interrupted: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const limits = readLimits();
  const settings = await prepareSession();
  const everything = await readPassages();
  const passages = thin(everything, limits.passages);
  const years = passages.map(({ year }) => year);
  print();
  print(bold("Headrace, at work on the State of the Union"));
  print(
    dim(`${formatCount(passages.length)} passages of the addresses from ${years.at(0)} to ${years.at(-1)}`),
  );
  print();
  const provider = await startFakeProvider();
  try {
    await runParts({ settings, provider, interrupted }, passages, thin(everything, limits.jobs));
  } finally {
    await provider.stop();
  }
  print();
  print(`Done in ${seconds(startedAt)}; the gateway has ended.`);
  return 0;
}

interface Stage {
  readonly settings: SessionSettings;
  readonly provider: FakeProvider;
  readonly interrupted: AbortSignal;
}

/** The gateway's cache over one model, then durable jobs over a provider that fails. */
async function runParts(
  { settings, provider, interrupted }: Stage,
  passages: readonly Passage[],
  asked: readonly Passage[],
): Promise<void> {
  const price = findPrice();
  const session = await openSession(settings, variablesFor(provider), interrupted);
  try {
    print(`${good("●")} Gateway ready at ${session.url} ${dim("(wrangler dev, on this machine)")}`);
    print();
    print(bold("1  The cache, over the model inside the Worker"));
    print();
    const passes = await runPasses(session, passages, interrupted);
    printPasses(passes);
    print();
    printCost(passes, price);
    print();
    await runJobs(session, provider, asked, interrupted);
  } finally {
    await session.close();
  }
}

/** Everything that shows the cache, in order. */
async function runPasses(session: Session, passages: readonly Passage[], signal: AbortSignal) {
  const client = new Headrace({ baseURL: session.url, apiKey: session.apiKey });
  const first = await embedPassages(client, passages, "first pass", signal);
  print();
  await answerQuestions(client, { passages, vectors: first.vectors }, signal);
  const second = await embedPassages(client, passages, "second pass", signal);
  const together = await embedAtOnce(client, passages, "same at once", signal);
  print(dim("Restarting over the same storage: the memory is lost, the colo cache is not."));
  await session.restart();
  const third = await embedAtOnce(client, passages, "after restart", signal);
  print();
  return [first.report, second.report, together, third];
}

/** `--passages 200` makes the first part shorter, `--jobs 60` the second. */
function readLimits(): { readonly passages: number; readonly jobs: number } {
  const { passages, jobs } = parseOptions().values;
  return { passages: parseLimit("--passages", passages), jobs: parseLimit("--jobs", jobs) };
}

function parseLimit(option: string, text: string): number {
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= 1) return limit;
  throw new CommandFailure(`${option} must be a whole number above 0, and is '${text}'.`);
}

function parseOptions() {
  try {
    return parseArgs({
      options: {
        passages: { type: "string", default: "999999" },
        jobs: { type: "string", default: "300" },
      },
    });
  } catch (error) {
    throw new CommandFailure("The demo takes --passages <number> and --jobs <number>, and nothing else.", {
      cause: error,
    });
  }
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

await runCommand(demo);
