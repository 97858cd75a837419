import { describe, expect, it } from "vitest";
import type { GatewayError } from "../../../worker/contract/errors.ts";
import { type ModelChange, openForm } from "../../../worker/streams/multipart-form.ts";
import type { UploadBody } from "../../../worker/streams/upload-body.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const part = (name: string, value: string) =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = "--b--\r\n";

/** A body in chunks; a number stands for the client's leaving. */
function bodyOf(chunks: readonly (string | number)[]): UploadBody & { taken: number } {
  const body = {
    taken: 0,
    read: async () => {
      const chunk = chunks[body.taken++];
      if (typeof chunk === "number") throw new Error("gone");
      return chunk === undefined ? undefined : new TextEncoder().encode(chunk);
    },
    discard: async () => {},
  };
  return body;
}

function open(chunks: readonly (string | number)[], maxBytes = 1_000_000) {
  const body = bodyOf(chunks);
  return { body, form: openForm({ body, boundary: "b", maxBytes }) };
}

function change(more: Partial<ModelChange> = {}): ModelChange & { faults: GatewayError[] } {
  const faults: GatewayError[] = [];
  const onFault = (error: GatewayError) => void faults.push(error);
  return { model: "ears", check: () => undefined, onProgress: () => {}, onFault, ...more, faults };
}

describe("a form's model", () => {
  it("is found by reading no further than it stands, and nothing of it is lost", async () => {
    const chunks = [part("model", "whisper"), part("file", "x".repeat(100)), END];
    const { body, form } = open(chunks);
    expect(valueOf(await form.peekModel(64_000))).toBe("whisper");
    expect(body.taken).toBe(2);
    const sent = await new Response(form.stream(change())).text();
    expect(sent).toBe(chunks.join("").replace("whisper", "ears"));
  });

  it("is looked for in so many bytes, no more", async () => {
    const { body, form } = open([
      part("file", "x".repeat(100)),
      part("file", "x".repeat(100)),
      part("model", "m"),
    ]);
    expect(valueOf(await form.peekModel(120))).toBeUndefined();
    expect(body.taken).toBe(1);
  });

  it("is put before the form's end where there is none", async () => {
    const { form } = open([part("file", "x"), END]);
    expect(valueOf(await form.peekModel(64_000))).toBeUndefined();
    const sent = await new Response(form.stream(change()), {
      headers: { "content-type": "multipart/form-data; boundary=b" },
    }).formData();
    expect([...sent]).toEqual([
      ["file", "x"],
      ["model", "ears"],
    ]);
  });

  it("that is no text is refused", async () => {
    const bytes = Uint8Array.from(Buffer.from(part("model", "\xff") + END, "latin1"));
    const body = { ...bodyOf([]), read: async () => bytes };
    expect(errorOf(await openForm({ body, boundary: "b", maxBytes: 1000 }).peekModel(1000))).toMatchObject({
      code: "invalid_request",
      param: "model",
    });
  });
});

describe("a form's stream", () => {
  it("reads nothing before it is asked to", async () => {
    const { body, form } = open([part("model", "m"), END]);
    form.stream(change());
    await Promise.resolve();
    expect(body.taken).toBe(0);
  });

  it("tells of each arrival", async () => {
    let arrivals = 0;
    const { form } = open([part("model", "m"), part("file", "x"), END]);
    await new Response(form.stream(change({ onProgress: () => void arrivals++ }))).text();
    expect(arrivals).toBe(3);
  });

  it.each<[string, (string | number)[], string]>([
    ["the client leaves", [part("file", "x"), 0], "client_closed"],
    ["the form is cut short", [part("file", "x")], "invalid_request"],
    ["the form breaks its rules", [part("file", "x"), "--bad"], "invalid_request"],
    ["too much comes", [part("file", "x"), "y".repeat(500)], "payload_too_large"],
  ])("ends in a fault where %s", async (_, chunks, code) => {
    const { form } = open(chunks, 500);
    const changing = change();
    await expect(new Response(form.stream(changing)).text()).rejects.toThrow();
    expect(changing.faults).toMatchObject([{ code }]);
  });

  it("ends where the model is refused, before it goes any further", async () => {
    const { form } = open([part("file", "x"), part("model", "other"), END]);
    const changing = change({ check: () => ({ code: "model_not_found" }) });
    const reader = form.stream(changing).getReader();
    let sent = "";
    const drain = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        sent += new TextDecoder().decode(next.value);
      }
    };
    await expect(drain()).rejects.toThrow("model_not_found");
    expect(sent).toBe(part("file", "x") + part("model", "").slice(0, -2));
    expect(changing.faults).toEqual([{ code: "model_not_found" }]);
  });
});
