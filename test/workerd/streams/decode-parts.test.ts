import { describe, expect, it } from "vitest";
import { readBounded } from "../../../worker/streams/read-bounded.ts";

/** The stream that encodes, of the platform: not what decodes. */
async function encode(text: string, coding: "gzip" | "deflate" = "gzip"): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Response(text).body?.pipeThrough(new CompressionStream(coding)) ?? null;
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** A body of these bytes in parts of one size, that counts what was read of it. */
function bodyOf(bytes: Uint8Array<ArrayBuffer>, partBytes = 4096) {
  let at = 0;
  const body = new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.slice(at, at + partBytes));
      at += partBytes;
      if (at >= bytes.length) controller.close();
    },
  });
  return { body, read: () => at };
}
const read = (bytes: Uint8Array<ArrayBuffer>, { partBytes = 4096, maxBytes = 1_000_000 } = {}) =>
  readBounded(bodyOf(bytes, partBytes).body, maxBytes, { coding: "gzip" });

const words = Array.from({ length: 20_000 }, (_, index) => `wörd ${Math.sin(index)}`).join(" ");

describe("a body that is encoded", () => {
  it.each([1, 10, 4096, 100_000])("is read whole from parts of %d bytes", async (partBytes) => {
    const text = partBytes < 100 ? words.slice(0, 100) : words;
    expect(await read(await encode(text), { partBytes })).toBe(text);
    const deflated = bodyOf(await encode(text, "deflate"), partBytes).body;
    expect(await readBounded(deflated, 1_000_000, { coding: "deflate" })).toBe(text);
  });

  it("is read whole where its parts fill every read", async () => {
    const zeros = "0".repeat(10 * 64 * 1024);
    expect(await read(await encode(zeros))).toBe(zeros);
    expect(await read(await encode(""))).toBe("");
  });

  it("is bounded by what comes out, and not read further", async () => {
    const bomb = bodyOf(await encode("0".repeat(60_000_000)));
    expect(await readBounded(bomb.body, 1_000_000, { coding: "gzip" })).toBeUndefined();
    expect(bomb.read()).toBeLessThan(20_000);
  });

  it("is bounded by what goes in, where nothing comes out", async () => {
    // A member whose header's name does not end.
    const head = new Uint8Array(2_000_000).fill(65);
    head.set([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]);
    const endless = bodyOf(head);
    expect(await readBounded(endless.body, 100_000, { coding: "gzip" })).toBeUndefined();
    expect(endless.read()).toBeLessThan(200_000);
  });

  it("is broken where it is cut short, corrupt, goes on behind its end, or is none", async () => {
    const whole = await encode(words);
    const corrupt = whole.slice();
    corrupt.fill(7, 5000, 6000);
    const longer = Uint8Array.from([...whole, 1, 2, 3]);
    const none = Uint8Array.from(new TextEncoder().encode('{"model":"chat"}'));
    for (const bytes of [
      whole.slice(0, -5),
      whole.slice(0, 5000),
      corrupt,
      longer,
      none,
      new Uint8Array(0),
    ]) {
      await expect(read(bytes)).rejects.toThrow(TypeError);
    }
  });
});
