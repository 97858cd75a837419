import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WebhookPayload } from "../../worker/contract/webhooks.ts";
import {
  type FakeProvider,
  type ReceivedRequest,
  startFakeProvider,
} from "../helpers/fake-provider-client.ts";
import { GatewayProcess } from "./gateway/gateway-process.ts";
import type { Notice } from "./history/history.ts";
import type { ReceivedCall } from "./history/name-calls.ts";

export const API_KEY = "hr_test_chaoschaoschaoschaoschaoschaos00";

/** The test deployment, built. */
export interface Build {
  readonly configPath: string;
  readonly outDir: string;
}

/** All the processes of a run; the gateway alone is killed. */
export interface Servers {
  readonly gateway: GatewayProcess;
  readonly provider: FakeProvider;
  /** Of webhooks; a fake provider without faults will do. */
  readonly receiver: FakeProvider;
}

/** Starts them, and storage in a folder of its own; `stack` ends and removes it all. */
export async function startServers(
  stack: AsyncDisposableStack,
  { configPath, outDir }: Build,
): Promise<Servers> {
  const persistTo = await mkdtemp(join(tmpdir(), "headrace-chaos-"));
  stack.defer(() => rm(persistTo, { recursive: true, force: true, maxRetries: 5 }));
  const provider = stack.use(await startFakeProvider());
  const receiver = stack.use(await startFakeProvider());
  const vars = {
    HEADRACE_API_KEY: API_KEY,
    HEADRACE_WEBHOOK_SECRET: "chaos".repeat(8),
    PRIMARY_URL: `${provider.url}/v1`,
    PRIMARY_KEY: "sk-chaos",
  };
  const gateway = stack.use(await GatewayProcess.start({ configPath, outDir, persistTo, vars }));
  return { gateway, provider, receiver };
}

/** Every call that the provider received. */
export async function readCalls(provider: FakeProvider): Promise<readonly ReceivedCall[]> {
  return (await readAll(provider)).map(({ headers, body }) => {
    const { input } = body as { readonly input?: unknown };
    const texts = Array.isArray(input) ? input.map(String) : [];
    return { key: readHeader(headers, "idempotency-key"), texts };
  });
}

/** Every delivery that the receiver got. */
export async function readNotices(receiver: FakeProvider): Promise<readonly Notice[]> {
  return (await readAll(receiver)).map(({ headers, body }) => {
    const { type, data } = body as WebhookPayload;
    const id = readHeader(headers, "webhook-id") ?? "";
    return { job: data.id, id, type, body: JSON.stringify(body) };
  });
}

const readHeader = (headers: ReceivedRequest["headers"], name: string): string | null => {
  const value = headers[name];
  return typeof value === "string" ? value : null;
};

/** Every request that was received; who received them has to remember them all. */
async function readAll(server: FakeProvider): Promise<readonly ReceivedRequest[]> {
  const [requests, { received }] = await Promise.all([server.requests(), server.stats()]);
  if (requests.length >= received) return requests;
  throw new Error(`a server remembers ${requests.length} of ${received} requests`);
}
