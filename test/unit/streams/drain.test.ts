import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { relayEvents } from "../../../worker/streams/relay-events.ts";
import { drain } from "../../../worker/streams/drain.ts";
import { createEventReader } from "../../../worker/providers/openai/read-event.ts";
import { turns } from "../flow-services.ts";
import { ProviderStream } from "./provider-stream.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("what is left of an answer that is complete", () => {
  it("is read to the connection's end, however much it is, and then the call is over", async () => {
    const stream = new ProviderStream();
    const drained = drain(stream, stream.body.getReader());
    stream.send("x", "y".repeat(100_000));
    await turns();
    expect(stream.aborts).toBe(0);
    stream.close();
    await drained;
    expect(stream.aborts).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is waited for a second, and not longer", async () => {
    const stream = new ProviderStream();
    const drained = drain(stream, stream.body.getReader());
    await vi.advanceTimersByTimeAsync(999);
    expect(stream.aborts).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    await drained;
    expect(stream.aborts).toBeGreaterThan(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is no matter where the connection is lost", async () => {
    const stream = new ProviderStream();
    const drained = drain(stream, stream.body.getReader());
    stream.break("reset");
    await expect(drained).resolves.toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a stream that has been read to its end", () => {
  const open = async () => {
    const stream = new ProviderStream();
    const deferred: Promise<unknown>[] = [];
    const relay = relayEvents(stream, createEventReader(), {
      defer: (work) => void deferred.push(work),
    });
    stream.send('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n', "data: [DONE]\n\n");
    for (let step = await relay.next(); step.done !== true;) step = await relay.next();
    return { stream, relay, deferred };
  };

  it("is drained behind the response, once", async () => {
    const { stream, relay, deferred } = await open();
    expect(deferred).toHaveLength(1);
    await relay.next();
    expect(deferred).toHaveLength(1);
    expect(stream.aborts).toBe(0);
    stream.close();
    await Promise.all(deferred);
    expect(stream.aborts).toBe(1);
  });

  it("is drained no further where its client leaves meanwhile", async () => {
    const { stream, relay, deferred } = await open();
    await relay.return({ ok: false, error: { code: "client_closed" } });
    await Promise.all(deferred);
    expect(stream.aborts).toBeGreaterThan(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
