/** Signatures as Standard Webhooks has them: https://github.com/standard-webhooks/standard-webhooks */

const PREFIX = "whsec_";
const encoder = new TextEncoder();

/**
 * A tenant's signing secrets, as receivers get them (`whsec_` and base64 of 32 bytes), one for each secret of
 * the deployment, in the same order. HMAC-SHA256 of the tenant's name: nothing is stored, and no tenant's
 * secret can be derived from another's.
 */
export const deriveWebhookSecrets = (masters: readonly string[], tenant: string): Promise<string[]> =>
  Promise.all(
    masters.map(async (master) => {
      const key = await sign(encoder.encode(master), `webhook\n${tenant}`);
      return PREFIX + writeBase64(key);
    }),
  );

/**
 * What the signature of a delivery covers, joined by full stops, which `id` and `sentAtSeconds` do not have.
 */
export interface SignedDelivery {
  readonly id: string;
  /** Seconds since the epoch, of this delivery and not of the event. */
  readonly sentAtSeconds: number;
  /** The body's text, exactly as it is sent. */
  readonly payload: string;
}

/** The headers of a delivery. It is signed by each secret, so that a receiver needs only one of them. */
export async function signDelivery(
  secrets: readonly string[],
  { id, sentAtSeconds, payload }: SignedDelivery,
): Promise<Record<string, string>> {
  const signatures = await Promise.all(
    secrets.map(async (secret) => {
      const key = readBase64(secret.slice(PREFIX.length));
      return `v1,${writeBase64(await sign(key, `${id}.${sentAtSeconds}.${payload}`))}`;
    }),
  );
  return {
    "webhook-id": id,
    "webhook-timestamp": String(sentAtSeconds),
    "webhook-signature": signatures.join(" "),
  };
}

async function sign(key: Uint8Array, text: string): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", new Uint8Array(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, encoder.encode(text)));
}

const writeBase64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const readBase64 = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
