import { readJsonObject } from "../domain/requests/json-object.ts";

/** The part of the binding `AI` that is used here (`Ai` of @cloudflare/workers-types). */
export interface AiBinding {
  run(model: string, inputs: object, options: RunOptions): Promise<unknown>;
}

interface RunOptions {
  /** The model server's response as it is, rather than its parsed body or an exception. */
  readonly returnRawResponse: true;
  readonly signal?: AbortSignal;
}

const SCHEME = "workers-ai:";

/**
 * The fetch of provider calls. A URL of the scheme `workers-ai:` runs the model that it names by the binding;
 * any other is fetched. So time-outs, streams and refusals are handled alike for both.
 */
export function createProviderFetch(ai: AiBinding | undefined): typeof fetch {
  return (input, init) =>
    typeof input === "string" && input.startsWith(SCHEME)
      ? askBinding(ai, input.slice(SCHEME.length), init)
      : fetch(input, init);
}

async function askBinding(
  ai: AiBinding | undefined,
  model: string,
  { body, signal }: RequestInit = {},
): Promise<Response> {
  if (!ai) throw new Error("the binding AI is gone");
  const inputs = readJsonObject(typeof body === "string" ? body : "") ?? {};
  return runModel(ai, model, inputs, signal ?? undefined);
}

async function runModel(
  ai: AiBinding,
  model: string,
  inputs: object,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const options = { returnRawResponse: true, ...(signal ? { signal } : {}) } as const;
  const response = await untilAborted(ai.run(model, inputs, options), signal);
  if (!(response instanceof Response)) throw new Error("the binding AI gave no response");
  if (!response.body || !signal) return response;
  return new Response(breakOff(response.body, signal), response);
}

/** The same bytes, until the signal aborts: a runtime that does not know the option would go on sending. */
function breakOff(body: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await untilAborted(reader.read(), signal);
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        // Not awaited: a source that hangs may not settle.
        reader.cancel(error).catch(() => undefined);
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Gives up waiting when the signal aborts, whether or not the work does. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Error("aborted"));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
