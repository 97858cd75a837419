import { err, type Result } from "../../domain/result.ts";
import { findFirstTokenMs } from "../../domain/resilience/first-token.ts";
import type { Connection } from "../../domain/routing/adapter.ts";
import { passOnHeaders } from "../../domain/routing/client-headers.ts";
import type { UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { ProviderCall, ProviderReply } from "../../platform/call-provider.ts";
import type { Services } from "../services.ts";
import type { Ask, UploadAsk } from "./ask.ts";
import type { Destination } from "./destination.ts";

export type Prepared = Pick<ProviderCall, "request" | "form" | "readRefusal">;

/** Sends a request that an adapter has built, with the headers and limits that all calls have in common. */
export function sendRequest(
  { callProvider }: Services,
  to: Destination,
  ask: Ask | UploadAsk,
  { request, form, readRefusal }: Prepared,
): Promise<Result<ProviderReply, UpstreamFailure>> {
  const { route, target } = to;
  const call: ProviderCall = {
    request: addHeaders(request, ask, target.connection),
    limits: {
      quietMs: route.timeoutMs,
      firstMs: limitFirstToken(to, ask, request.body),
      deadline: ask.deadline,
    },
    signal: ask.signal,
    form,
    readRefusal,
    modelFrom: route.direct === true ? "client" : "route",
  };
  const { slot } = ask;
  const send = slot ? () => sendInSlot(slot, () => callProvider(call)) : () => callProvider(call);
  if (!ask.inTurn) return send();
  return ask.inTurn(async () => {
    const refused = ask.watch?.enter();
    if (refused) return err(refused);
    const reply = await send();
    // Before the next has its turn.
    if (!reply.ok) ask.watch?.fail(reply.error);
    return reply;
  });
}

async function sendInSlot(
  slot: NonNullable<Ask["slot"]>,
  send: () => Promise<Result<ProviderReply, UpstreamFailure>>,
): Promise<Result<ProviderReply, UpstreamFailure>> {
  const refused = await slot.enter();
  return refused ? err(refused) : send();
}

/** Only a stream whose place another target can still take is held to a time for its first token. */
function limitFirstToken(
  { route, target, hasNext = false }: Destination,
  ask: Ask | UploadAsk,
  sent: ProviderCall["request"]["body"],
): number | undefined {
  if (!hasNext || "upload" in ask || !ask.streamed || typeof sent !== "string") return undefined;
  return findFirstTokenMs(route, { model: target.model, body: ask.body, characters: sent.length });
}

function addHeaders(
  request: ProviderCall["request"],
  { traceparent, idempotencyKey, readHeader }: Ask | UploadAsk,
  connection: Connection,
): ProviderCall["request"] {
  const passedOn = readHeader && connection.clientHeaders && passOnHeaders(readHeader, connection);
  if (traceparent === undefined && idempotencyKey === undefined && !passedOn) return request;
  const headers = {
    ...request.headers,
    ...passedOn,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
  };
  return { ...request, headers };
}
