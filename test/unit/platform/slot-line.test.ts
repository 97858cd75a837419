import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ConcurrencyRule } from "../../../worker/contract/config/concurrency.ts";
import type { Result } from "../../../worker/domain/result.ts";
import { type NoTurn, type Slot, SlotLine, type SlotTurn } from "../../../worker/platform/slot-line.ts";
import { TargetSlots } from "../../../worker/platform/target-slots.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const fixed = (max: number, waitMs = 2000): ConcurrencyRule => ({ max, waitMs });
const openLine = (rule: ConcurrencyRule) => new SlotLine(rule, Date.now);
const turn = (changes: Partial<SlotTurn> = {}): SlotTurn => ({
  tenant: "a",
  priority: "normal",
  deadline: { at: Date.now() + 60_000 },
  signal: new AbortController().signal,
  ...changes,
});

/** One that comes to the line, and what came of it so far. */
function come(line: SlotLine, changes: Partial<SlotTurn> = {}) {
  const comer: { result?: Result<Slot, NoTurn> } = {};
  void line.enter(turn(changes)).then((result) => (comer.result = result));
  return comer;
}
const take = async (line: SlotLine) => valueOf(await line.enter(turn()));

describe("a target that takes so many calls at once", () => {
  it("gets no more, and the next when one has ended", async () => {
    const line = openLine(fixed(2));
    const [first] = [await take(line), await take(line)];
    const third = come(line);
    await pass(500);
    expect(third.result).toBeUndefined();
    first.release("answered");
    await pass(0);
    expect(third.result?.ok).toBe(true);
  });

  it("lets a slot go once, whoever says so how often", async () => {
    const line = openLine(fixed(1));
    const slot = await take(line);
    for (let time = 0; time < 3; time++) slot.release("answered");
    await take(line);
    slot.release("answered");
    const next = come(line);
    await pass(100);
    expect(next.result).toBeUndefined();
  });

  it("keeps nobody waiting longer than the rule says, and says when to come back", async () => {
    const line = openLine(fixed(1));
    const slot = await take(line);
    await pass(6000);
    slot.release("answered");
    await take(line);
    const comers = [come(line), come(line)];
    await pass(1999);
    expect(comers.map(({ result }) => result)).toEqual([undefined, undefined]);
    await pass(1);
    expect(comers[0]?.result && errorOf(comers[0].result)).toEqual({ why: "late", retryAfterMs: 12_000 });
    expect(comers[1]?.result && errorOf(comers[1].result)).toEqual({ why: "late", retryAfterMs: 6000 });
  });

  it("keeps nobody waiting past a deadline, or after the caller has left", async () => {
    const line = openLine(fixed(1));
    await take(line);
    const caller = new AbortController();
    const late = come(line, { deadline: { at: Date.now() + 300 } });
    const left = come(line, { signal: caller.signal });
    await pass(300);
    expect(late.result).toMatchObject({ ok: false, error: { why: "late" } });
    caller.abort();
    await pass(0);
    expect(left.result).toEqual({ ok: false, error: { why: "left" } });
  });

  it("does not keep a slot that was given to one who left at the same moment", async () => {
    const line = openLine(fixed(1));
    const slot = await take(line);
    const caller = new AbortController();
    const left = come(line, { signal: caller.signal });
    slot.release("answered");
    caller.abort();
    await pass(0);
    expect(left.result).toEqual({ ok: false, error: { why: "left" } });
    expect(line.isIdle).toBe(true);
  });

  it("has a line of ten for each slot: past it, who hurries pushes out the latest who does not", async () => {
    const line = openLine(fixed(1));
    const slot = await take(line);
    const economy = Array.from({ length: 10 }, () => come(line, { priority: "economy" }));
    const more = come(line, { priority: "economy" });
    const urgent = come(line, { priority: "interactive" });
    await pass(0);
    expect(more.result).toMatchObject({ ok: false, error: { why: "full" } });
    expect(economy.map(({ result }) => result?.ok)).toEqual([...Array<undefined>(9).fill(undefined), false]);
    slot.release("answered");
    await pass(0);
    expect(urgent.result?.ok).toBe(true);
  });

  it("does not wait where the rule says so", async () => {
    const line = openLine(fixed(1, 0));
    await take(line);
    expect(await line.enter(turn())).toMatchObject({ ok: false, error: { why: "full", retryAfterMs: 1000 } });
  });

  it("takes a slot back of a request that the platform has stopped, and passes over one that waited", async () => {
    const line = openLine(fixed(1, 20_000));
    await take(line);
    come(line);
    // What either would still have done is undone, as with a request's context.
    vi.clearAllTimers();
    const next = come(line);
    await pass(4000);
    expect(next.result).toBeUndefined();
    await pass(3000);
    expect(next.result?.ok).toBe(true);
  });

  it("keeps the slot of a call that takes long", async () => {
    const line = openLine(fixed(1));
    await take(line);
    await pass(600_000);
    const next = come(line);
    await pass(1000);
    expect(next.result).toBeUndefined();
  });

  it("gives each tenant its turn, whoever came with many", async () => {
    const line = openLine(fixed(2, 60_000));
    const slots = [await take(line), await take(line)];
    const many = Array.from({ length: 10 }, () => come(line, { tenant: "many" }));
    const few = come(line, { tenant: "few" });
    for (const slot of slots) slot.release("answered");
    await pass(0);
    expect([many[0]?.result?.ok, many[1]?.result, few.result?.ok]).toEqual([true, undefined, true]);
  });
});

describe("a limit that adapts", () => {
  const rule = { adaptive: true as const, min: 1, max: 8, waitMs: 2000 };

  it("grows while the target answers, and is lowered when it has too much", async () => {
    const line = openLine(rule);
    for (let round = 0; round < 20; round++) {
      const slots = [await take(line)];
      while (slots.length < line.limit) slots.push(await take(line));
      await pass(100);
      for (const slot of slots) slot.release("answered");
    }
    expect(line.limit).toBe(8);
    const slots = await Promise.all(Array.from({ length: 8 }, () => take(line)));
    await pass(100);
    for (const slot of slots) slot.release("overloaded");
    expect(line.limit).toBe(5);
  });
});

describe("the limits of targets", () => {
  it("are one for each name, and follow the config", async () => {
    const slots = new TargetSlots(Date.now);
    const line = slots.of("one/big", fixed(1));
    await take(line);
    expect(slots.of("one/big", fixed(2))).toBe(line);
    await take(line);
    expect(slots.of("two/big", fixed(1)).isIdle).toBe(true);
  });

  it("are forgotten where there are too many, but none that is in use", async () => {
    const slots = new TargetSlots(Date.now);
    const used = slots.of("used", fixed(1));
    await take(used);
    const first = slots.of("idle 0", fixed(1));
    for (let count = 1; count < 1001; count++) slots.of(`idle ${count}`, fixed(1));
    expect(slots.of("used", fixed(1))).toBe(used);
    expect(slots.of("idle 0", fixed(1))).not.toBe(first);
  });
});
