import type { GatewayError } from "../contract/errors.ts";
import type { ProviderRequest } from "../domain/adapter.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { parseRetryAfter } from "../domain/retry-after.ts";
import { failure, failureOfStatus, type UpstreamFailure } from "../domain/upstream-failure.ts";
import { readBounded } from "./read-bounded.ts";
import { startWatchdog, type Watchdog, type WatchLimits } from "./watchdog.ts";

export interface ProviderCall {
  readonly request: ProviderRequest;
  readonly limits: WatchLimits;
  /** Aborts the call: nobody waits for its answer any more. */
  readonly signal: AbortSignal;
  readonly streamed: boolean;
  /** Never part of a message that leaves the gateway. */
  readonly secrets: readonly string[];
}

/** A 2xx answer: its text, or its open stream with the watchdog that guards it. */
export type ProviderReply =
  | { readonly form: "json"; readonly text: string }
  | { readonly form: "events"; readonly stream: OpenStream };

export interface OpenStream {
  readonly body: ReadableStream<Uint8Array>;
  readonly watchdog: Watchdog;
  /** Why the call was given up, where it was. */
  givenUp(): GatewayError | undefined;
  /** Ends the call, whatever state it is in. */
  abort(): void;
}

export type CallProvider = (call: ProviderCall) => Promise<Result<ProviderReply, UpstreamFailure>>;

/** A full batch of large embeddings takes some 30 MB. */
const MAX_REPLY_BYTES = 64 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_MESSAGE_CHARS = 1000;

/** The one place that speaks HTTP to providers: timeouts, aborts, redirects, sizes. */
export function createCallProvider(fetcher: typeof fetch, now: () => number): CallProvider {
  return async (call) => {
    const line = openLine(call, now);
    try {
      const { url, headers, body } = call.request;
      const init = { method: "POST", headers, body, redirect: "manual", signal: line.signal } as const;
      const response = await fetcher(url, init);
      if (!response.ok) return err(await readFailure(response, call.secrets, now()));
      if (call.streamed) return await openEvents(response, line);
      const text = await readBounded(response.body, MAX_REPLY_BYTES);
      return text === undefined
        ? err(failure("upstream_invalid_response", "the body is too large"))
        : ok({ form: "json", text });
    } catch (error) {
      return err({ tryNext: !call.signal.aborted, error: line.givenUp() ?? broken(error) });
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
}

type OpenStreamControls = Omit<OpenStream, "body">;

function openLine(call: ProviderCall, now: () => number): Line {
  const controller = new AbortController();
  let reason: GatewayError | undefined;
  const giveUp = (error: GatewayError) => {
    reason ??= error;
    controller.abort();
  };
  const watchdog = startWatchdog(call.limits, now, (what) =>
    giveUp({ code: what === "quiet" ? "upstream_timeout" : "deadline_exceeded", reason: what }),
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
  return { signal: controller.signal, watchdog, givenUp: () => reason, close, abort, handedOver: false };
}

async function openEvents(response: Response, line: Line): Promise<Result<ProviderReply, UpstreamFailure>> {
  const type = response.headers.get("content-type") ?? "none";
  if (!response.body || !type.startsWith("text/event-stream")) {
    await response.body?.cancel();
    return err(failure("upstream_invalid_response", `a stream was asked for, the content type is ${type}`));
  }
  line.handedOver = true;
  line.watchdog.touch();
  return ok({ form: "events", stream: { ...line, body: response.body } });
}

async function readFailure(
  response: Response,
  secrets: readonly string[],
  now: number,
): Promise<UpstreamFailure> {
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now);
  const text = await readBounded(response.body, MAX_ERROR_BYTES).catch(() => undefined);
  const message = redact(readMessage(text ?? ""), secrets)?.slice(0, MAX_MESSAGE_CHARS);
  return failureOfStatus(response.status, message, retryAfterMs);
}

/** Finds the provider's own words in the error shapes in use: OpenAI's, FastAPI's, plain ones. */
function readMessage(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as { error?: { message?: unknown }; message?: unknown; detail?: unknown };
    const found = [body.error?.message, body.error, body.message, body.detail];
    return found.find((value): value is string => typeof value === "string");
  } catch {
    return undefined;
  }
}

function redact(message: string | undefined, secrets: readonly string[]): string | undefined {
  return secrets.reduce((text, secret) => text?.replaceAll(secret, "[redacted]"), message);
}

/** The runtime's words on a broken connection are for the logs. */
const broken = (error: unknown): GatewayError => ({
  code: "upstream_error",
  reason: error instanceof Error ? error.message : String(error),
});
