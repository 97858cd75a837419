import { nameJob } from "./errors.ts";
import { abortedError, startLimit } from "./limit.ts";
import type { Limit } from "./limit.ts";
import { checkCallOptions } from "./options.ts";
import type { CallOptions, Settings } from "./options.ts";

/** One call of the client, however many requests it makes. */
export interface Call extends Limit {
  readonly settings: Settings;
  readonly options: CallOptions;
  readonly maxRetries: number;
  readonly attemptTimeoutMs: number | undefined;
  /** The id of the job that it is about, once it is known: errors carry it. */
  job?: string | undefined;
  /** Its answer is a stream, which ends the call when it ends. */
  isStreaming?: boolean;
}

/** Starts a call, which the caller must `end`. Throws a TypeError where an option is not valid. */
export function startCall(settings: Settings, options: CallOptions = {}): Call {
  checkCallOptions(options);
  const limit = startLimit(options.timeoutMs ?? settings.timeoutMs, options.signal, abortedError);
  return {
    ...limit,
    settings,
    options,
    maxRetries: options.maxRetries ?? settings.maxRetries,
    attemptTimeoutMs: options.attemptTimeoutMs ?? settings.attemptTimeoutMs,
  };
}

/** Does the work of a call, and ends it; its errors name the job. */
export async function withinCall<T>(
  settings: Settings,
  options: CallOptions | undefined,
  work: (call: Call) => Promise<T>,
): Promise<T> {
  const call = startCall(settings, options);
  try {
    return await work(call);
  } catch (error) {
    throw nameJob(error, call.job);
  } finally {
    if (!call.isStreaming) call.end();
  }
}
