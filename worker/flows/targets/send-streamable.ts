import { readJsonObject } from "../../domain/requests/json-object.ts";
import { err, type Result } from "../../domain/result.ts";
import type { ProviderRequest } from "../../domain/routing/adapter.ts";
import type { UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { ProviderReply } from "../../platform/call-provider.ts";
import type { Services } from "../services.ts";
import type { Ask } from "./ask.ts";
import type { Destination } from "./destination.ts";
import { type Prepared, sendRequest } from "./send-request.ts";

/** What the gateway asks streams for by itself, and how servers name it that refuse it. */
const OPTIONS = "stream_options";
const NAMED = /stream_options|include_usage/;

/**
 * Sends a request. A stream is asked for its usage by a field that some servers refuse: the same is then sent
 * without, and is from then on, for what the gateway adds of its own must not get a request refused.
 */
export async function sendStreamable(
  services: Services,
  to: Destination,
  ask: Ask,
  prepared: Prepared & { readonly request: ProviderRequest },
): Promise<Result<ProviderReply, UpstreamFailure>> {
  const { request, readRefusal } = prepared;
  if (!ask.streamed || request.body.lastIndexOf(`"${OPTIONS}"`) < 0)
    return sendRequest(services, to, ask, prepared);
  const without = () =>
    sendRequest(services, to, ask, { ...prepared, request: { ...request, body: leaveOut(request.body) } });
  if (services.withoutOptions.has(to.target)) return without();
  let isNamed = false;
  const reply = await sendRequest(services, to, ask, {
    ...prepared,
    readRefusal(status, text) {
      isNamed = status < 500 && NAMED.test(text);
      return readRefusal?.(status, text) ?? {};
    },
  });
  if (reply.ok || !isNamed) return reply;
  services.withoutOptions.add(to.target);
  return ask.signal.aborted ? err(reply.error) : without();
}

function leaveOut(body: string): string {
  const { [OPTIONS]: _, ...rest } = readJsonObject(body) ?? {};
  return JSON.stringify(rest);
}
