import { describe, expect, it } from "vitest";
import { readBounded } from "../../../worker/streams/read-bounded.ts";

/** A body of chunks that says what became of it. */
function bodyOf(chunks: readonly (string | number[])[], broken?: Error) {
  const state = { cancelled: false, unread: chunks.length };
  const rest = chunks.map((chunk) =>
    typeof chunk === "string" ? new TextEncoder().encode(chunk) : new Uint8Array(chunk),
  );
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = rest.shift();
        state.unread = rest.length;
        if (chunk) controller.enqueue(chunk);
        else if (broken) controller.error(broken);
        else controller.close();
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, state };
}
const read = (chunks: readonly (string | number[])[], maxBytes = 100) =>
  readBounded(bodyOf(chunks).body, maxBytes);

describe("readBounded", () => {
  it("joins the chunks, and characters that were split", async () => {
    expect(await read(["a", [0xc3], [0xa9, 0xe4, 0xb8], [0x96], "!"])).toBe("aé世!");
  });

  it("takes no body for an empty one", async () => {
    expect(await readBounded(null, 100)).toBe("");
    expect(await read([])).toBe("");
  });

  it("takes exactly as many bytes as it may", async () => {
    expect(await read(["12345", "67890"], 10)).toBe("1234567890");
    expect(await read(["12345", "67890!"], 10)).toBeUndefined();
  });

  it("counts bytes, not characters", async () => {
    expect(await read(["世世世世"], 11)).toBeUndefined();
    expect(await read(["世世世世"], 12)).toBe("世世世世");
  });

  it("stops reading at the bound and cancels the rest", async () => {
    const { body, state } = bodyOf(Array<string>(1000).fill("12345"));
    expect(await readBounded(body, 12)).toBeUndefined();
    expect(state).toEqual({ cancelled: true, unread: 997 });
  });

  it("leaves the rest to be discarded where there was a larger limit to look for", async () => {
    const { body, state } = bodyOf(["12345", "67890", "more"]);
    expect(await readBounded(body, 7, { wider: { maxBytes: 20, isFor: () => false } })).toBeUndefined();
    expect([body.locked, state]).toEqual([false, { cancelled: false, unread: 1 }]);
  });

  it("takes more of a body that begins as those do that may be larger, and no more than they may have", async () => {
    const begun: string[] = [];
    const isFor = (text: string) => begun.push(text) > 0 && text.includes("photo");
    const readWider = (chunks: readonly string[]) =>
      readBounded(bodyOf(chunks).body, 10, { wider: { maxBytes: 20, isFor } });
    expect(await readWider(["a photo", "1234567", "890"])).toBe("a photo1234567890");
    expect(await readWider(["in one go, a photo"])).toBe("in one go, a photo");
    expect(await readWider(["a photo", "1234567", "890", "1234"])).toBeUndefined();
    expect(await readWider(["no picture", "1", "a photo"])).toBeUndefined();
    expect(await readWider(["short"])).toBe("short");
    expect(begun).toEqual(["a photo1234567", "in one go, a photo", "a photo1234567", "no picture1"]);
  });

  it.each([
    ["is no UTF-8", [[0xff, 0xfe]]],
    ["ends inside a character", ["a", [0xe4, 0xb8]]],
    ["holds half a surrogate pair", [[0xed, 0xa0, 0x80]]],
  ])("throws where the body %s", async (_, chunks) => {
    await expect(read(chunks)).rejects.toThrow(TypeError);
  });

  it("throws what broke the body", async () => {
    const { body } = bodyOf(["a"], new Error("reset"));
    await expect(readBounded(body, 100)).rejects.toThrow("reset");
  });
});
