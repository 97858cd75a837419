import type { WebhookPayload } from "../../worker/contract/webhooks.ts";
import { HeadraceError } from "../errors.ts";

/** What a webhook says of a job that has ended: all but the output, which `jobs.output(data.id)` gives. */
export type JobWebhook = WebhookPayload;

/** A request's headers as any runtime has them: `Headers`, or Node's object. */
export type WebhookHeaders =
  | { readonly get: (name: string) => string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface UnwrapOptions {
  /** How far the sender's clock may be from ours, either way; 300 unless said. */
  readonly toleranceSeconds?: number | undefined;
}

/**
 * Verifies a webhook by Standard Webhooks (v1: HMAC-SHA256), and gives what it says. An event can come
 * more than once; its `webhook-id` is the same each time.
 *
 * `body` is the request's text as it came. `secret` is what `GET /v1/webhook-secrets` gives: one, or
 * several while one replaces another. Rejects with a HeadraceError `webhook_invalid` where a header is missing,
 * the time is too far off or no signature is right, and with a TypeError where a secret is not valid.
 */
export async function unwrap(
  body: string,
  headers: WebhookHeaders,
  secret: string | readonly string[],
  { toleranceSeconds = 300 }: UnwrapOptions = {},
): Promise<JobWebhook> {
  const keys = await Promise.all([secret].flat().map(importKey));
  const [id, timestamp, signatures] = ["id", "timestamp", "signature"].map((name) => read(headers, name));
  // A missing header is NaN, which is not near.
  const isNear = Math.abs(Date.now() / 1000 - Number(timestamp)) <= toleranceSeconds;
  if (!isNear) throw invalid("The webhook's timestamp is missing, or too far from this clock.");
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  for (const signature of parseSignatures(signatures)) {
    for (const key of keys) {
      if (await crypto.subtle.verify("HMAC", key, signature, signed)) return parsePayload(body);
    }
  }
  throw invalid("No signature of the webhook is right.");
}

function read(headers: WebhookHeaders, name: string): string | undefined {
  const wanted = `webhook-${name}`;
  if (isHeaders(headers)) return headers.get(wanted) ?? undefined;
  return Object.entries(headers)
    .find(([given]) => given.toLowerCase() === wanted)?.[1]
    ?.toString();
}

function isHeaders(headers: WebhookHeaders): headers is Extract<WebhookHeaders, { get: unknown }> {
  return typeof headers["get"] === "function";
}

/** What can be checked of `v1,<base64> v1,<base64>`; other versions, and what is no base64, are passed over. */
function parseSignatures(header = ""): Bytes[] {
  return header.split(" ").flatMap((part) => {
    const [, text] = /^v1,(.+)$/.exec(part) ?? [];
    return decode(text) ?? [];
  });
}

/** The secret's text must not get into an error. */
async function importKey(secret: string) {
  const bytes = decode(secret.replace(/^whsec_/, ""));
  if (!bytes) throw new TypeError('Headrace: a webhook\'s secret is base64, "whsec_" before it.');
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Undefined for what is no base64, or is empty. */
function decode(base64 = ""): Bytes | undefined {
  try {
    return base64 === "" ? undefined : Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function parsePayload(body: string): JobWebhook {
  try {
    return JSON.parse(body) as JobWebhook;
  } catch (cause) {
    throw invalid("The webhook is not JSON.", cause);
  }
}

function invalid(message: string, cause?: unknown): HeadraceError {
  return new HeadraceError(message, { code: "webhook_invalid", cause });
}
