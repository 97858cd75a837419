import { describe, expect, it } from "vitest";
import { findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const DOWN = { kind: "status", status: 503 } as const;
const chat = (model: string, more = {}) => app.chat({ model, messages: says("hello"), ...more });
const countOf = async (name: "primary" | "secondary") => (await app[name].requests()).length;
const targetOf = (response: Response) => response.headers.get("x-headrace-target");
const attemptsOf = (response: Response) => response.headers.get("x-headrace-attempts");

describe("a target that fails for a moment", () => {
  for (const [name, fault] of [
    ["500", { kind: "status", status: 500 }],
    ["503", DOWN],
    ["429 with a short wait", { kind: "status", status: 429, headers: { "retry-after": "0" } }],
    ["reset", { kind: "reset" }],
    ["reset mid-body", { kind: "reset", after: 1 }],
  ] as const) {
    for (const stream of [false, true]) {
      it(`is asked again after ${name}${stream ? ", streamed" : ""}, and each try is told`, async () => {
        // A stream that has begun is passed on: it breaks before that.
        const early = stream && "after" in fault ? { ...fault, after: 0 } : fault;
        await app.primary.fault(early, { times: 1 });
        const response = await chat("repeated", { stream });
        const text = await response.text();
        expect(response.status).toBe(200);
        if (stream) expect(text).toContain("[DONE]");
        expect(targetOf(response)).toBe("targets[0]=primary/big");
        expect(attemptsOf(response)).toBe("2");
        expect(response.headers.get("server-timing")).toMatch(/attempt-1;dur=\d+, attempt-2;dur=\d+/);
        expect(await countOf("primary")).toBe(2);
        expect(await countOf("secondary")).toBe(0);
      });
    }
  }

  it("is left for the next one when it stays down", async () => {
    await app.primary.fault(DOWN);
    const response = await chat("repeated");
    expect(targetOf(response)).toBe("targets[1]=secondary/small");
    expect(attemptsOf(response)).toBe("4");
    expect(await countOf("primary")).toBe(3);
  });

  it("is left at once where it asks for a long wait, and where nothing says that a repeat would help", async () => {
    await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "7" } });
    expect(targetOf(await chat("repeated"))).toBe("targets[1]=secondary/small");
    expect(await countOf("primary")).toBe(1);
    await app.primary.reset();
    await app.primary.fault({ kind: "html" });
    expect(targetOf(await chat("repeated"))).toBe("targets[1]=secondary/small");
    expect(await countOf("primary")).toBe(1);
  });

  it("is not asked again past the request's deadline", async () => {
    await app.primary.fault(DOWN);
    await app.secondary.fault(DOWN);
    const response = await app.chat(
      { model: "repeated", messages: says("hello") },
      { "x-headrace-timeout-ms": "1" },
    );
    expect(await readError(response)).toMatchObject({ code: "deadline_exceeded" });
    expect((await countOf("primary")) + (await countOf("secondary"))).toBeLessThanOrEqual(1);
  });

  it("is asked once in each run of a job, whose queue repeats it", async () => {
    await app.primary.fault(DOWN, { times: 1 });
    const response = await app.chat(
      { model: "repeated", messages: says("hello") },
      { "idempotency-key": crypto.randomUUID() },
    );
    expect(response.status).toBe(200);
    expect(targetOf(response)).toBe("targets[1]=secondary/small");
    expect(await countOf("primary")).toBe(1);
  });
});

describe("a target that is slow to begin", () => {
  for (const stream of [false, true]) {
    it(`has the next one asked beside it, and its own call given up${stream ? ", streamed" : ""}`, async () => {
      await app.primary.fault({ kind: "hang" });
      const response = await chat("hedged", { stream });
      expect(await response.text()).toContain(stream ? "[DONE]" : "choices");
      expect(targetOf(response)).toBe("targets[1]=secondary/small");
      expect(attemptsOf(response)).toBe("2");
      expect(await app.primary.waitUntilAborted()).toHaveLength(1);
    });
  }

  it("has what the lost call cost told as an estimate", async () => {
    await app.primary.fault({ kind: "hang" });
    const response = await chat("hedged");
    const request = response.headers.get("x-request-id") ?? "";
    expect(await findFact(app.gateway, "attempt", request)).toMatchObject({
      target: "targets[0]=primary/big",
      error: "client_closed",
      usage: { estimated: true },
      costUsd: expect.closeTo(0.0001, 3),
    });
  });

  it("answers by itself where it is quick enough", async () => {
    const response = await chat("hedged");
    expect(targetOf(response)).toBe("targets[0]=primary/big");
    expect(await countOf("secondary")).toBe(0);
  });
});
