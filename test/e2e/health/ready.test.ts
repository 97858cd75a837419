import { describe, expect, it } from "vitest";
import { says, useDeployment } from "../deployment.ts";

/** Nothing listens there. */
const app = useDeployment({ vars: { GEMINI_URL: "http://127.0.0.1:9/v1beta" } });
interface Ready {
  readonly status: string;
  readonly routes: readonly {
    readonly name: string;
    readonly status: string;
    readonly failing?: readonly string[];
  }[];
}

async function readReady() {
  const response = await fetch(`${app.gateway.url}/ready`);
  const { status, routes } = (await response.json()) as Ready;
  return {
    code: response.status,
    status,
    find: (name: string) => routes.find((route) => route.name === name),
  };
}

describe("probes of providers", () => {
  it("ask for nothing that is billed, and let /ready tell what cannot be reached", async () => {
    expect(await readReady()).toMatchObject({ code: 200, status: "ready" });
    await app.gateway.scheduled("* * * * *");
    const received = [...(await app.primary.requests()), ...(await app.secondary.requests())];
    expect(received.length).toBeGreaterThan(3);
    for (const { method, path } of received)
      expect(`${method} ${path}`).toMatch(/^GET \/(?:v1(?:\/models|\/)?|openai\/v1\/models)$/);
    await expect.poll(async () => (await readReady()).code, { timeout: 10_000, interval: 500 }).toBe(503);
    const ready = await readReady();
    expect(ready.status).toBe("not_ready");
    expect(ready.find("gemini")).toMatchObject({
      status: "failing",
      failing: ["targets[0]=gemini/gemini-3-flash-preview cannot be reached"],
    });
    expect(ready.find("gemini-fallback")).toMatchObject({ status: "ready" });
    expect(ready.find("claude")).toMatchObject({ status: "ready" });
  });

  it("judge no model: a target is called all the same", async () => {
    await app.gateway.scheduled("* * * * *");
    const response = await app.chat({ model: "gemini-fallback", messages: says("hello") });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(response.headers.get("x-headrace-attempts")).toBe("2");
  });
});
