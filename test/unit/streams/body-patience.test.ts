import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readText } from "../../../worker/streams/read-bounded.ts";
import { openUploadBody } from "../../../worker/streams/upload-body.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A body that brings a byte every so often, for so many times, and then ends or goes on without a word. */
function slowBody(everyMs: number, times: number, ends: boolean) {
  let left = times;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      if (left === 0 && ends) {
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      if (left-- <= 0) await new Promise(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      controller.enqueue(new TextEncoder().encode("x"));
    },
  });
}
const request = (body: ReadableStream<Uint8Array>, headers: Record<string, string> = {}) =>
  new Request("http://gateway.test/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
const patience = (leftMs = 900_000) => ({ stallMs: 1000, deadlineAt: Date.now() + leftMs, now: Date.now });

/** What a wait comes to after so long. */
async function after(ms: number, work: Promise<unknown>): Promise<unknown> {
  const settled = work.then(
    (value) => value,
    (error: unknown) => error,
  );
  const pending = new Promise((resolve) => setTimeout(() => resolve("pending"), ms));
  const first = Promise.race([settled, pending]);
  await vi.advanceTimersByTimeAsync(ms);
  return first;
}

describe("a body that is waited for with patience", () => {
  const read = (body: ReadableStream<Uint8Array>, leftMs?: number, headers?: Record<string, string>) =>
    readText(request(body, headers), 1_000_000, { patience: patience(leftMs) });

  it("may take its time as long as something comes", async () => {
    expect(await after(10_000, read(slowBody(900, 8, true)))).toMatchObject({ text: "x".repeat(8) });
    const large = { "content-length": "500000" };
    expect(await after(10_000, read(slowBody(900, 8, true), undefined, large))).toMatchObject({
      text: "x".repeat(8),
    });
  });

  it("is given up when nothing comes for too long", async () => {
    expect(await after(2900, read(slowBody(900, 2, false)))).toMatchObject({ code: "request_timeout" });
    expect(await after(2500, read(slowBody(900, 2, false)))).toBe("pending");
  });

  it("is given up as a whole where it is short", async () => {
    const short = { "content-length": "8" };
    expect(await after(1001, read(slowBody(900, 8, true), undefined, short))).toMatchObject({
      code: "request_timeout",
    });
  });

  it("is given up at the request's own deadline, whatever comes", async () => {
    expect(await after(2500, read(slowBody(100, 100, true), 2000))).toMatchObject({
      code: "deadline_exceeded",
    });
  });

  it("is an upload's too", async () => {
    const body = openUploadBody(slowBody(900, 1, false), patience());
    expect(await after(901, body.read())).toEqual(new TextEncoder().encode("x"));
    expect(await after(1001, body.read())).toMatchObject({ code: "request_timeout" });
  });
});
