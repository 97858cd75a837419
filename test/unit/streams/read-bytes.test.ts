import { describe, expect, it } from "vitest";
import { readBytes } from "../../../worker/streams/read-bytes.ts";

function stream(chunks: readonly number[][], onCancel = () => {}): ReadableStream<Uint8Array> {
  const left = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const next = left.shift();
      if (next) controller.enqueue(Uint8Array.from(next));
      else controller.close();
    },
    cancel: onCancel,
  });
}

describe("readBytes", () => {
  it("joins what comes, up to and at the limit", async () => {
    expect(await readBytes(stream([[1, 2], [], [3]]), 3)).toEqual(Uint8Array.of(1, 2, 3));
    expect(await readBytes(stream([]), 0)).toEqual(new Uint8Array());
  });

  it("gives nothing beyond the limit, and cancels the rest", async () => {
    let cancelled = false;
    expect(
      await readBytes(
        stream([[1, 2], [3, 4], [5]], () => (cancelled = true)),
        3,
      ),
    ).toBeUndefined();
    expect(cancelled).toBe(true);
  });

  it("throws where the stream breaks", async () => {
    const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("reset")) });
    await expect(readBytes(broken, 10)).rejects.toThrow("reset");
  });
});
