import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { deriveWebhookSecrets, signDelivery } from "../../../worker/domain/webhooks/webhook-signature.ts";

const NEW = "n".repeat(40);
const OLD = "o".repeat(40);
const payload = '{"type":"job.succeeded","data":{"model":"Mühle ☃"}}';
const now = () => Math.floor(Date.now() / 1000);
const sign = (secrets: readonly string[], text = payload) =>
  signDelivery(secrets, { id: "msg_1_succeeded", sentAtSeconds: now(), payload: text });
const one = async (master: string, tenant: string) => (await deriveWebhookSecrets([master], tenant))[0] ?? "";

describe("a tenant's secrets", () => {
  it("are 32 bytes each, in the order of the deployment's own", async () => {
    const both = await deriveWebhookSecrets([NEW, OLD], "acme");
    for (const secret of both) expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(both).toEqual([await one(NEW, "acme"), await one(OLD, "acme")]);
    expect(await deriveWebhookSecrets([], "acme")).toEqual([]);
  });

  it("are HMAC-SHA256 of the tenant's name, and so the same for ever", async () => {
    // printf 'webhook\nacme' | openssl dgst -sha256 -hmac nnnn… -binary | base64
    expect(await one(NEW, "acme")).toBe("whsec_NIqpQPSQbK8a0pZGUKBewyff+3E9Wx0zPBhGPRRuvfE=");
  });

  it("differ by tenant and by the deployment's secret", async () => {
    const all = await Promise.all([one(NEW, "acme"), one(NEW, "acme2"), one(OLD, "acme"), one(NEW, "")]);
    expect(new Set(all).size).toBe(4);
  });
});

describe("a signed delivery", () => {
  it("is verified by the reference library with the tenant's secret", async () => {
    const secret = await one(NEW, "acme");
    expect(new Webhook(secret).verify(payload, await sign([secret]))).toEqual(JSON.parse(payload));
  });

  it("is verified with either secret while one rotates", async () => {
    const secrets = await deriveWebhookSecrets([NEW, OLD], "acme");
    const headers = await sign(secrets);
    expect(headers["webhook-signature"]?.split(" ")).toHaveLength(2);
    for (const secret of secrets) expect(new Webhook(secret).verify(payload, headers)).toBeDefined();
  });

  it("is not verified with another's secret, or when a byte of it is another", async () => {
    const secret = await one(NEW, "acme");
    const headers = await sign([secret]);
    expect(() => new Webhook(secret).verify(payload.replace("succeeded", "failed"), headers)).toThrow();
    expect(() => new Webhook(secret).verify(payload, { ...headers, "webhook-id": "msg_2" })).toThrow();
    const later = { ...headers, "webhook-timestamp": String(now() + 60) };
    expect(() => new Webhook(secret).verify(payload, later)).toThrow();
    const others = new Webhook(await one(NEW, "another"));
    expect(() => others.verify(payload, headers)).toThrow();
  });
});
