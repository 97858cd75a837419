import type { GatewayError } from "../../contract/errors.ts";

/** What is kept of a provider's or the runtime's words. */
const MAX_CHARS = 1000;
const TEXTS = ["message", "param", "providerCode", "reason", "quote"] as const;

/**
 * An upstream error as it may leave: its texts without secrets, and cut. Secrets are hidden first, so that no
 * part of one is left at the cut.
 */
export function cleanError(error: GatewayError, hideSecrets: (text: string) => string): GatewayError {
  const cleaned: { -readonly [K in keyof GatewayError]: GatewayError[K] } = { ...error };
  for (const name of TEXTS) {
    const text = error[name];
    if (text !== undefined) cleaned[name] = hideSecrets(text).slice(0, MAX_CHARS);
  }
  return cleaned;
}
