import { Headrace } from "../../sdk/jobs/index.ts";
import type { FakeProvider } from "../../test/helpers/fake-provider-client.ts";
import { CommandFailure } from "../launcher/command-failure.ts";
import { bold, dim, good, print } from "../launcher/terminal.ts";
import { requireRoute, startFailing } from "./failing-provider.ts";
import { isReplay, summariseJobs } from "./job-report.ts";
import { printJobs } from "./job-tables.ts";
import { submitJobs, writeOrders, type JobDesk } from "./jobs.ts";
import type { Passage } from "./passages.ts";
import { formatCount } from "./progress.ts";
import type { Session } from "./session.ts";

/** The demo's second part: a job a passage while the provider fails, and then the very same again. */
export async function runJobs(
  session: Session,
  provider: FakeProvider,
  passages: readonly Passage[],
  signal: AbortSignal,
): Promise<void> {
  const client = new Headrace({ baseURL: session.url, apiKey: session.apiKey });
  const desk: JobDesk = { client, readAnswer: (id) => readAnswer(session, id, signal), signal };
  await requireRoute(client, provider, signal);
  await startFailing(provider);
  const count = formatCount(passages.length);
  print(bold(`2  ${count} durable jobs, while the provider fails a third of its calls`));
  print(dim("Each asks a chat model about a passage, under an idempotency key. The provider"));
  print(dim("is a process on this machine: it echoes, or says 503 or 429, or hangs up."));
  print();
  const orders = writeOrders(passages);
  const outcomes = await submitJobs(desk, orders, "first time");
  const { received } = await provider.stats();
  const replays = await submitJobs(desk, orders, "again");
  const { received: receivedInAll } = await provider.stats();
  print();
  const again = summariseJobs(replays, receivedInAll - received, outcomes);
  printJobs(summariseJobs(outcomes, received), again);
  print();
  if (!isReplay(again)) throw new CommandFailure("The jobs submitted again are not those of the first time.");
  print(good(`Nothing ran twice: ${count} jobs submitted again, and not one call made.`));
}

async function readAnswer({ url, apiKey }: Session, id: string, signal: AbortSignal): Promise<Uint8Array> {
  const headers = { authorization: `Bearer ${apiKey}` };
  const response = await fetch(`${url}/v1/jobs/${id}/output`, { headers, signal });
  if (!response.ok)
    throw new CommandFailure(`The answer of job ${id} could not be read: ${response.status}.`);
  return response.bytes();
}
