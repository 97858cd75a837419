import { parseRetryAfter } from "../domain/routing/retry-after.ts";

export interface WebhookDelivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The result of one call; the body of the answer is never read. */
export type WebhookAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly retryAfterMs: number | undefined }
  | { readonly kind: "unanswered"; readonly reason: string };

export type CallWebhook = (delivery: WebhookDelivery) => Promise<WebhookAnswer>;

/**
 * The only function that calls receivers. A redirect is not followed, for its URL has not been checked.
 * `timeoutMs` is the time until the headers. Never throws.
 */
export function createCallWebhook(fetcher: typeof fetch, now: () => number, timeoutMs: number): CallWebhook {
  return async ({ url, headers, body }) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeoutMs);
    const { signal } = controller;
    try {
      const response = await fetcher(url, { method: "POST", headers, body, redirect: "manual", signal });
      await response.body?.cancel();
      const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), now());
      return { kind: "answered", status: response.status, retryAfterMs };
    } catch (error) {
      const reason = signal.aborted ? `no answer within ${timeoutMs} ms` : String(error);
      return { kind: "unanswered", reason };
    } finally {
      clearTimeout(timer);
    }
  };
}
