import { describe, expect, it } from "vitest";
import { type Part, Turn } from "../../../worker/dialects/turn.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const text = (said: string): Part => ({ kind: "text", text: said });
const call = (place: number, json: string, more = {}): Part => ({
  kind: "call",
  place,
  id: "",
  name: "",
  text: json,
  ...more,
});
const start = () => new Turn({ id: "chatcmpl-abc", created: 1, model: "big" });
const add = (turn: Turn, ...parts: Part[]) =>
  valueOf(turn.add(parts)).map((step) =>
    step.type === "extend" ? `${step.block.index}: ${step.text}` : `${step.type} ${step.block.index}`,
  );

describe("a turn", () => {
  it("tells of text as it comes, and of the end of a block when another begins", () => {
    const turn = start();
    expect(add(turn, text("a"))).toEqual(["open 0", "0: a"]);
    expect(add(turn, text("b"))).toEqual(["0: b"]);
    expect(add(turn, { kind: "reasoning", text: "c" })).toEqual(["close 0", "open 1", "1: c"]);
    expect(turn.finish()).toMatchObject([{ type: "close", block: { index: 1, text: "c", cut: false } }]);
  });

  it("tells of one call to its end before another, however they come", () => {
    const turn = start();
    expect(add(turn, call(0, "", { name: "f" }), call(1, "", { name: "g" }))).toEqual(["open 0"]);
    expect(add(turn, call(1, '{"b":'))).toEqual([]);
    expect(add(turn, call(0, "{}"))).toEqual(["0: {}", "close 0", "open 1", '1: {"b":']);
    expect(add(turn, call(1, "1}"))).toEqual(["1: 1}"]);
  });

  it("waits with a call until it has a name, but not past the end", () => {
    const turn = start();
    expect(add(turn, call(0, "{"))).toEqual([]);
    expect(add(turn, call(0, "", { name: "f" }))).toEqual(["open 0", "0: {"]);
    const nameless = start();
    expect(add(nameless, call(0, "{}"))).toEqual([]);
    expect(nameless.finish().map(({ type }) => type)).toEqual(["open", "extend", "close"]);
  });

  it("keeps text that comes between the parts of a call for after it", () => {
    const turn = start();
    add(turn, call(0, "{", { name: "f" }));
    expect(add(turn, text("x"))).toEqual([]);
    expect(add(turn, call(0, "}"))).toEqual(["0: }", "close 0", "open 1", "1: x"]);
  });

  it("refuses more of a call that has ended, but for white space", () => {
    const turn = start();
    add(turn, call(0, "{}", { name: "f" }), text("x"));
    expect(add(turn, call(0, "\n"))).toEqual([]);
    expect(errorOf(turn.add([call(0, "{}")]))).toBe("a tool call goes on after its end");
  });

  it("refuses an answer without end", () => {
    const turn = start();
    const megabyte = text("x".repeat(1024 * 1024));
    for (let count = 0; count < 16; count++) valueOf(turn.add([megabyte]));
    expect(errorOf(turn.add([megabyte]))).toBe("the answer is too long");
  });
});
