import { describe, expect, it } from "vitest";
import { Headrace } from "../../../sdk/index.ts";
import { API_KEY, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const params = { model: "uncached", messages: says("one two three"), stream: true } as const;

/** Reads a stream that begins anew where it breaks; gives its text, and how often it was told to. */
async function read(options: { readonly idempotencyKey?: string }) {
  const client = new Headrace({ baseURL: app.gateway.url, apiKey: API_KEY, timeoutMs: 30_000 });
  const errors: string[] = [];
  const onRestart = ({ error }: { error: { code: string } }) => void errors.push(error.code);
  const stream = await client.chat(params, { ...options, onBreak: "restart", onRestart });
  return { text: await stream.text(), errors };
}

describe("a stream that the SDK begins anew", () => {
  it("is asked for again, and comes whole", async () => {
    await app.primary.fault({ kind: "cut", after: 3 }, { times: 1 });
    expect(await read({})).toEqual({ text: "echo: one two three", errors: ["upstream_invalid_response"] });
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it("is the same job's under a key, which is run again once", async () => {
    await app.primary.fault({ kind: "cut", after: 3 }, { times: 1 });
    const got = await read({ idempotencyKey: crypto.randomUUID() });
    expect(got).toEqual({ text: "echo: one two three", errors: ["upstream_invalid_response"] });
    expect(await app.primary.requests()).toHaveLength(2);
  });
});
