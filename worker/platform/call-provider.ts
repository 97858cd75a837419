import type { GatewayError } from "../contract/errors.ts";
import type { ProviderRequest } from "../domain/routing/adapter.ts";
import { MAX_ANSWER_BYTES } from "../domain/answers/answer-body.ts";
import type { ArrivingBodies, ArrivingBody } from "../domain/requests/arriving-bodies.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { failure, type UpstreamFailure } from "../domain/routing/upstream-failure.ts";
import type { OpenStream } from "../streams/open-stream.ts";
import { readText, type ReadText } from "../streams/read-bounded.ts";
import { sniffBody } from "../streams/sniff-body.ts";
import { relayBytes, type RelayedBytes } from "../streams/relay-bytes.ts";
import { startWatchdog, type WatchLimits } from "../streams/watchdog.ts";
import { readRefused, type RefusalReading } from "./read-refusal.ts";

/** A body that is still on its way in; it tells when some of it has arrived. */
export type UploadBody = (onProgress: () => void) => ReadableStream<Uint8Array>;

export interface ProviderCall extends RefusalReading {
  readonly request: Omit<ProviderRequest, "body"> & { readonly body: string | UploadBody };
  readonly limits: WatchLimits;
  /** Aborts the call when its answer is no longer wanted. */
  readonly signal: AbortSignal;
  /** What kind of answer to expect: whole JSON, an event stream, or bytes that are passed on unread. */
  readonly form: "json" | "events" | "raw";
}

/**
 * A 2xx answer: its text, or its open stream with the watchdog that guards it. Text may also come where a stream
 * was asked for.
 */
export type ProviderReply =
  | ({ readonly form: "json" } & ReadText)
  | { readonly form: "events"; readonly stream: OpenStream }
  | ({ readonly form: "raw"; readonly contentType: string } & RelayedBytes);

export type CallProvider = (call: ProviderCall) => Promise<Result<ProviderReply, UpstreamFailure>>;

/**
 * The one place that speaks HTTP to providers: timeouts, aborts, redirects, sizes. `arriving` is the account of whole
 * answers that have not come whole.
 */
export function createCallProvider(
  fetcher: typeof fetch,
  now: () => number,
  arriving: ArrivingBodies,
): CallProvider {
  return async (call) => {
    const line = openLine(call, now, arriving);
    let hasBegun = false;
    try {
      const { url, headers, method = "POST" } = call.request;
      const body = method === "POST" ? openBody(call.request.body, line) : null;
      const init = { method, headers, body, redirect: "manual", signal: line.signal } as const;
      const response = await fetcher(url, init);
      if (!response.ok) return err(await readRefused(response, call, now()));
      hasBegun = true;
      if (call.form === "events") return await openEvents(response, line);
      if (call.form === "raw") return await openRaw(response, line);
      return await readJson(response, line);
    } catch (error) {
      const reason = line.givenUp();
      const tryNext = !call.signal.aborted && reason !== NO_ROOM;
      return err({ tryNext, error: reason ?? broken(error), hasBegun });
    } finally {
      if (!line.handedOver) line.close();
    }
  };
}

/** A call's abort signal with its timer and the client's own signal behind it. */
interface Line extends OpenStreamControls {
  readonly signal: AbortSignal;
  handedOver: boolean;
  close(): void;
  /** Opens the account of an answer that is read whole. */
  openAccount(): ArrivingBody;
}

type OpenStreamControls = Omit<OpenStream, "body">;

function openLine(call: ProviderCall, now: () => number, arriving: ArrivingBodies): Line {
  const controller = new AbortController();
  let reason: GatewayError | undefined;
  const giveUp = (error: GatewayError) => {
    reason ??= error;
    controller.abort();
  };
  const watchdog = startWatchdog(call.limits, now, (what) =>
    giveUp({ code: what === "deadline" ? "deadline_exceeded" : "upstream_timeout", reason: what }),
  );
  const onLeave = () => giveUp({ code: "client_closed" });
  if (call.signal.aborted) onLeave();
  call.signal.addEventListener("abort", onLeave);
  const close = () => {
    watchdog.stop();
    call.signal.removeEventListener("abort", onLeave);
  };
  const abort = () => {
    close();
    controller.abort();
  };
  const openAccount = () => arriving.open(call.request.url, () => giveUp(NO_ROOM));
  const { signal } = controller;
  return { signal, watchdog, givenUp: () => reason, close, abort, openAccount, handedOver: false };
}

/** Another target's answer would need as much room. */
const NO_ROOM: GatewayError = { code: "overloaded", reason: "no room for the answer", own: true };

/** Reads a whole answer; a byte that is not UTF-8 is U+FFFD in it. */
async function readJson(
  response: Response,
  line: Pick<Line, "abort" | "openAccount">,
): Promise<Result<ProviderReply, UpstreamFailure>> {
  const account = line.openAccount();
  const onBytes = (bytes: number) => account.grow(bytes);
  const reading = { lenient: true, onBytes };
  const read = await readText(response, MAX_ANSWER_BYTES, reading).finally(() => account.close());
  if (read) return ok({ form: "json", text: read.text, bytes: read.bytes });
  line.abort();
  return err(failure("upstream_invalid_response", "the body is too large"));
}

/** Opens a stream. What the content type does not call one is looked at: it may be one, or a whole answer. */
async function openEvents(response: Response, line: Line): Promise<Result<ProviderReply, UpstreamFailure>> {
  const type = response.headers.get("content-type") ?? "none";
  const isNamed = type.startsWith("text/event-stream");
  const sniffed = !isNamed && response.body ? await sniffBody(response.body) : undefined;
  if (sniffed?.is === "json") {
    // It has no first token to wait for.
    line.watchdog.setPace({});
    return readJson(new Response(sniffed.body), line);
  }
  const body = isNamed ? response.body : sniffed?.is === "events" ? sniffed.body : undefined;
  if (!body) {
    await sniffed?.body.cancel();
    return err(failure("upstream_invalid_response", `a stream was asked for, the content type is ${type}`));
  }
  line.handedOver = true;
  return ok({ form: "events", stream: { ...line, body, ...(sniffed ? { misnamed: true } : {}) } });
}

const openBody = (body: string | UploadBody, { watchdog }: Line) =>
  typeof body === "string" ? body : body(() => watchdog.touch());

/** Opens an answer of bytes. HTML instead of sound or pictures comes from some proxy, and is not passed on. */
async function openRaw(response: Response, line: Line): Promise<Result<ProviderReply, UpstreamFailure>> {
  const contentType = response.headers.get("content-type") ?? "application/octet-stream";
  if (/^(text\/html|application\/xhtml)/i.test(contentType)) {
    await response.body?.cancel();
    return err(failure("upstream_invalid_response", `the content type is ${contentType}`));
  }
  const relayed = response.body && (await relayBytes({ ...line, body: response.body }));
  if (!relayed) return err(failure("upstream_invalid_response", "the answer is empty"));
  line.handedOver = true;
  return ok({ form: "raw", contentType, ...relayed });
}

/**
 * The runtime's words on a broken connection are for the logs. What cannot be decompressed came whole, and would come
 * so again.
 */
function broken(error: unknown): GatewayError {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: /decompress/i.test(reason) ? "upstream_invalid_response" : "upstream_error", reason };
}
