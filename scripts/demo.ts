import { parseArgs } from "node:util";
import { Headrace } from "../sdk/index.ts";
import { embedAtOnce, embedPassages } from "./demo/embedding.ts";
import { readPassages, thin, type Passage } from "./demo/passages.ts";
import { findPrice } from "./demo/price.ts";
import { formatCount } from "./demo/progress.ts";
import { answerQuestions } from "./demo/questions.ts";
import { printCost, printPasses } from "./demo/report.ts";
import { openSession, prepareSession, type Session } from "./demo/session.ts";
import { CommandFailure } from "./launcher/command-failure.ts";
import { runCommand } from "./launcher/run-command.ts";
import { bold, dim, good, print } from "./launcher/terminal.ts";

/** `npm run demo`: the gateway at work on real text, from its start to its end. */
async function demo(interrupted: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const price = findPrice();
  const settings = await prepareSession();
  const passages = thin(await readPassages(), readLimit());
  const years = passages.map(({ year }) => year);
  print();
  print(bold("Headrace, at work on the State of the Union"));
  print(
    dim(`${formatCount(passages.length)} passages of the addresses from ${years.at(0)} to ${years.at(-1)}`),
  );
  print();
  const session = await openSession(settings, interrupted);
  try {
    print(`${good("●")} Gateway ready at ${session.url} ${dim("(wrangler dev, a model inside the Worker)")}`);
    print();
    const passes = await runPasses(session, passages, interrupted);
    printPasses(passes);
    print();
    printCost(passes, price);
  } finally {
    await session.close();
  }
  print();
  print(`Done in ${seconds(startedAt)}; the gateway has ended.`);
  return 0;
}

/** Everything the demo asks of the gateway, in order. */
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

/** `--passages 200` makes it shorter. */
function readLimit(): number {
  const { values } = parseOptions();
  const limit = /^\d{1,6}$/.test(values.passages) ? Number(values.passages) : 0;
  if (limit >= 1) return limit;
  throw new CommandFailure(`--passages must be a whole number above 0, and is '${values.passages}'.`);
}

function parseOptions() {
  try {
    return parseArgs({ options: { passages: { type: "string", default: "999999" } } });
  } catch (error) {
    throw new CommandFailure("The demo takes --passages <number>, and nothing else.", { cause: error });
  }
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;

await runCommand(demo);
