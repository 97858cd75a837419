import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupEvents } from "../../../worker/domain/answers/group-events.ts";
import { cutEvents } from "../../../worker/domain/answers/server-sent-events.ts";
import { readEvent } from "../../../worker/providers/openai/read-event.ts";
import { skimDeltas } from "../../../worker/providers/openai/skim-deltas.ts";
import { anyEvent, anyFailure } from "../streams/any-stream.ts";

const encoder = new TextEncoder();
const skim = (text: string) => skimDeltas(encoder.encode(text));
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const delta = data({ choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }], usage: null });

describe("skimming deltas", () => {
  it("counts events that are plainly parts of the answer", () => {
    expect(skim(delta)).toEqual({ events: 1, end: delta.length });
    expect(skim(delta.repeat(7))).toEqual({ events: 7, end: 7 * delta.length });
  });

  it("goes as far as they are plain, in whatever script", () => {
    const written = data({ choices: [{ delta: { content: "é ж 水 🌊" }, finish_reason: null }] });
    const plain = encoder.encode(delta + written).length;
    expect(skim(delta + written)).toEqual({ events: 2, end: plain });
    expect(skim(`${delta}${written}data: [DONE]\n\n`)).toEqual({ events: 2, end: plain });
    expect(skim(delta + written.slice(0, -1))).toEqual({ events: 1, end: delta.length });
  });

  it.each([
    ["a lone continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["another, of three bytes", [0xe0, 0x80, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["what is beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["half a character", [0xe6, 0xb0]],
    ["a byte that never is", [0xff]],
  ])("leaves %s to be read", (_, bytes) => {
    const whole = new Uint8Array([...encoder.encode('data: {"a":"'), ...bytes, ...encoder.encode('"}\n\n')]);
    expect(skimDeltas(whole)).toEqual({ events: 0, end: 0 });
  });

  it.each([
    ["nothing", ""],
    ["half an event", delta.slice(0, -1)],
    ["the rest of an event", delta.slice(5)],
    ["a comment", `: ping\n\n${delta}`],
    ["a named event", `event: delta\n${delta}`],
    ["an event of several lines", "data: {\ndata: }\n\n"],
    ["lines that end in CRLF", delta.replaceAll("\n", "\r\n")],
    ["events that end in CR", `data: {"a":1}\r\rdata: {"b":2}\n\n`],
    ["the last event", "data: [DONE]\n\n"],
    ["what was used", data({ choices: [], usage: { total_tokens: 1 } })],
    ["what was used, with room around it", 'data: {"usage" : {"total_tokens":1}}\n\n'],
    ["a failure", data({ error: { message: "boom" } })],
    ["a reason to be the last", data({ choices: [{ finish_reason: "stop" }] })],
  ])("leaves %s to be read", (_, text) => {
    expect(skim(text)).toEqual({ events: 0, end: 0 });
  });

  it("is as reading one by one says, of any events: the same number, and none that says more", () => {
    const law = fc.property(fc.array(fc.oneof(anyEvent, anyFailure), { maxLength: 6 }), (events) => {
      const bytes = encoder.encode(events.join(""));
      const skimmed = skimDeltas(bytes);
      if (skimmed.events === 0) return;
      const cut = cutEvents(new TextDecoder().decode(bytes.subarray(0, skimmed.end)));
      const group = groupEvents(cut.events, readEvent);
      expect(cut.rest).toBe("");
      expect(group).toMatchObject({ usage: null, end: undefined });
      expect(group.pieces.reduce((sum, { deltas }) => sum + deltas, 0)).toBe(skimmed.events);
      for (const event of cut.events) {
        const said = JSON.parse(event.slice("data: ".length)) as Record<string, unknown>;
        const choices = said["choices"] as readonly { finish_reason?: unknown }[];
        expect([said["usage"] ?? null, said["error"] ?? null]).toEqual([null, null]);
        for (const choice of choices) expect(choice.finish_reason ?? null).toBeNull();
      }
    });
    fc.assert(law, { numRuns: 2000 });
  });

  it("never sees more events than there are, in any bytes", () => {
    const piece = fc.constantFrom("data: {", "}", "}\n\n", "\n", "\r", "\r\r", '"error":null', "x", '"');
    const law = fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `data: {${pieces.join("")}}\n\n`;
      const { events, end } = skim(text);
      expect(cutEvents(text.slice(0, end))).toEqual({
        events: expect.objectContaining({ length: events }),
        rest: "",
      });
    });
    fc.assert(law, { numRuns: 5000 });
  });
});
