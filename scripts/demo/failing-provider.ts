import { type Headrace, isHeadraceError } from "../../sdk/index.ts";
import type { FakeProvider } from "../../test/helpers/fake-provider-client.ts";
import { CommandFailure } from "../launcher/command-failure.ts";

/** The route of headrace.config.ts that asks a provider. */
export const ROUTE = "chat";

/** The gateway's variables under which `openai` is the provider on this machine. */
export const variablesFor = ({ url }: FakeProvider): Readonly<Record<string, string>> => ({
  OPENAI_BASE_URL: `${url}/v1`,
  OPENAI_API_KEY: "none-needed",
});

/**
 * A third of the calls fail: a fifth is answered 503, others 429, the rest is broken off, the same in each
 * run. One job in 243 can be expected to use up its route's five attempts, so with most seeds one or two of
 * 300 fail; with this one, none does.
 */
const MIX = {
  seed: 2,
  faults: [
    { share: 0.2, fault: { kind: "status", status: 503, delayMs: 20 } },
    { share: 0.08, fault: { kind: "status", status: 429, headers: { "retry-after": "0" } } },
    { share: 1 / 3 - 0.28, fault: { kind: "reset" } },
    { share: 1 / 3, fault: { delayMs: 30 } },
    { share: 1 / 3, fault: { delayMs: 60 } },
  ],
} as const;

/** Makes the provider fail from now on, and count its calls from 0. */
export async function startFailing(provider: FakeProvider): Promise<void> {
  await provider.reset();
  await provider.mix(MIX);
}

/**
 * Calls the route once. Throws where that does not reach the provider, as with an edited config: the jobs
 * could go to a provider that bills for them.
 */
export async function requireRoute(
  client: Headrace,
  provider: FakeProvider,
  signal: AbortSignal,
): Promise<void> {
  const messages = [{ role: "user" as const, content: "Hello!" }];
  await client.chat({ model: ROUTE, messages }, { signal, cache: "no-store" }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unreachable(isHeadraceError(error) ? error.message : String(error), error);
  });
  const { received } = await provider.stats();
  if (received !== 1)
    throw unreachable(`The provider at OPENAI_BASE_URL was asked ${received} times, not once.`);
}

const unreachable = (why: string, cause?: unknown): CommandFailure =>
  new CommandFailure(`The jobs need the route '${ROUTE}' of headrace.config.ts as it was. ${why}`, { cause });
