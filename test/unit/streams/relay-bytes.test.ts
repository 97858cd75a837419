import { describe, expect, it } from "vitest";
import type { OpenStream } from "../../../worker/streams/open-stream.ts";
import { relayBytes } from "../../../worker/streams/relay-bytes.ts";

/** A provider's answer that the test writes, and what was done to its watchdog. */
function openAnswer() {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const source = new ReadableStream({ type: "bytes", pull: (controller) => pull(controller) });
  const reader = readable.getReader();
  const pull = async (controller: ReadableByteStreamController) => {
    const { value, done } = await reader.read();
    if (value) controller.enqueue(value);
    if (!done) return;
    controller.close();
    controller.byobRequest?.respond(0);
  };
  const watched: string[] = [];
  const stream: OpenStream = {
    body: source,
    watchdog: {
      leftMs: () => 60_000,
      touch: () => void watched.push("touch"),
      pause: () => void watched.push("pause"),
      wait: () => void watched.push("wait"),
      setPace: () => {},
      stop: () => {},
    },
    givenUp: () => undefined,
    abort: () => void watched.push("abort"),
  };
  return { stream, writer: writable.getWriter(), watched };
}

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);

describe("an answer that is passed on unread", () => {
  it("begins when its first bytes are there, and goes on at the client's pace", async () => {
    const { stream, writer, watched } = openAnswer();
    const opening = relayBytes(stream);
    await writer.write(new TextEncoder().encode("one"));
    const relayed = await opening;
    const reader = relayed?.stream.getReader();
    expect(watched).toEqual(["touch", "pause"]);
    expect(text((await reader?.read())?.value)).toBe("one");
    const next = reader?.read();
    await writer.write(new TextEncoder().encode("two"));
    expect(text((await next)?.value)).toBe("two");
    expect(watched).toEqual(["touch", "pause", "touch", "pause"]);
    const last = reader?.read();
    await writer.close();
    expect((await last)?.done).toBe(true);
    expect(await relayed?.ended).toEqual({ ok: true, value: null });
    expect(watched.at(-1)).toBe("abort");
  });

  it("is none where nothing comes", async () => {
    const { stream, writer } = openAnswer();
    const opening = relayBytes(stream);
    await writer.close();
    expect(await opening).toBeUndefined();
  });

  it("fails before its first byte so that the next target can be tried", async () => {
    const { stream, writer } = openAnswer();
    const opening = relayBytes(stream);
    writer.abort(new Error("reset")).catch(() => undefined);
    await expect(opening).rejects.toThrow("reset");
  });

  it("ends in an error where it breaks off", async () => {
    const { stream, writer, watched } = openAnswer();
    const opening = relayBytes(stream);
    await writer.write(new TextEncoder().encode("half"));
    const relayed = await opening;
    writer.abort(new Error("reset")).catch(() => undefined);
    await expect(new Response(relayed?.stream).text()).rejects.toThrow();
    const broken = { ok: false, error: { code: "upstream_error", reason: "reset" } };
    expect(await relayed?.ended).toEqual(broken);
    expect(watched.at(-1)).toBe("abort");
  });

  it("is aborted when the client leaves", async () => {
    const { stream, writer, watched } = openAnswer();
    const opening = relayBytes(stream);
    await writer.write(new TextEncoder().encode("one"));
    const relayed = await opening;
    await relayed?.stream.cancel();
    expect(await relayed?.ended).toBeUndefined();
    expect(watched.at(-1)).toBe("abort");
  });
});
