import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../worker/contract/errors.ts";
import { err, ok, type Result } from "../../../worker/domain/result.ts";
import type { Target } from "../../../worker/domain/routing/catalog.ts";
import type { UpstreamFailure } from "../../../worker/domain/routing/upstream-failure.ts";
import { followPlan } from "../../../worker/flows/targets/follow-plan.ts";
import { repeatsOf } from "../../../worker/flows/targets/repeats.ts";
import { CallBudgets } from "../../../worker/platform/call-budgets.ts";

type Answered = Result<string, UpstreamFailure>;
const failed = (code: ErrorCode, more: Partial<UpstreamFailure> = {}): Answered =>
  err({ error: { code }, tryNext: true, ...more });
const BROKEN = failed("upstream_error", { status: 503 });

interface Setting {
  readonly attempts?: number;
  readonly run?: { readonly isRepeat: boolean };
  readonly window?: boolean;
  readonly leftMs?: number;
  readonly leavesAt?: number;
}

/** An isolate whose time passes only while something is waited for. */
class Isolate {
  clock = 0;
  readonly tried: string[] = [];
  readonly slept: number[] = [];
  readonly #budgets = new CallBudgets();

  /** Follows a plan of two targets, which answer one after the other what is in their list, and then its last. */
  async follow(
    said: Readonly<Record<string, readonly Answered[]>>,
    { attempts = 3, run, window = false, leftMs = 60_000, leavesAt = Infinity }: Setting = {},
  ) {
    const work = new AbortController();
    const counts: Record<string, number> = {};
    const route = {
      retry: { attempts },
      jobs: { onUnknownOutcome: "repeat" as const },
      ...(window ? { window: {} as never } : {}),
    };
    const services = {
      budgets: this.#budgets,
      now: () => this.clock,
      random: () => 1,
      sleep: async (ms: number) => {
        this.slept.push(ms);
        this.clock += ms;
        if (this.clock >= leavesAt) work.abort();
      },
    };
    const targets = Object.keys(said).map((model) => ({ label: model, provider: "p", model }) as Target);
    const [end] = await followPlan({
      plan: { targets, skipped: [] },
      members: [{ deadline: { at: this.clock + leftMs } }],
      attempt: async ({ label }) => {
        this.tried.push(label);
        const nth = counts[label] ?? 0;
        counts[label] = nth + 1;
        return [said[label]?.[nth] ?? said[label]?.at(-1) ?? ok("")];
      },
      signal: work.signal,
      now: () => this.clock,
      repeats: repeatsOf(services, { route, run }),
    });
    if (!end) throw new Error("one end");
    return end;
  }
}

describe("a target that fails for a moment", () => {
  it("is asked again before the next one, each try told", async () => {
    const isolate = new Isolate();
    const end = await isolate.follow({ one: [BROKEN, BROKEN, ok("hi")], two: [ok("no")] });
    expect(end).toMatchObject({ ok: true, value: { answer: "hi", target: { label: "one" } } });
    expect(isolate.tried).toEqual(["one", "one", "one"]);
    expect(isolate.slept).toEqual([100, 200]);
    expect(end.ok && end.value.attempts.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  it("is left for the next one after as many attempts as the route allows", async () => {
    const isolate = new Isolate();
    const end = await isolate.follow({ one: [BROKEN], two: [BROKEN, ok("hi")] }, { attempts: 2 });
    expect(isolate.tried).toEqual(["one", "one", "two", "two"]);
    expect(end).toMatchObject({ ok: true, value: { answer: "hi" } });
  });

  it("is one failed target, however often it was asked", async () => {
    const end = await new Isolate().follow({ one: [BROKEN] });
    expect(end).toMatchObject({ ok: false, error: { code: "upstream_error", attempts: 3 } });
    const both = await new Isolate().follow({ one: [BROKEN], two: [BROKEN] });
    expect(both).toMatchObject({ ok: false, error: { code: "all_targets_failed", attempts: 6 } });
  });

  it("is not asked again when there is no time for it, nor when its client has left", async () => {
    const late = new Isolate();
    await late.follow({ one: [BROKEN] }, { leftMs: 100 });
    expect(late.tried).toEqual(["one"]);
    const left = new Isolate();
    const end = await left.follow({ one: [BROKEN], two: [ok("no")] }, { leavesAt: 50 });
    expect(left.tried).toEqual(["one"]);
    expect(end).toMatchObject({ ok: false, error: { code: "client_closed" } });
  });

  it("is not asked again after what the client caused", async () => {
    const isolate = new Isolate();
    await isolate.follow({ one: [failed("invalid_request", { tryNext: false, status: 400 })] });
    expect(isolate.tried).toEqual(["one"]);
  });

  it("is not asked again by each member of a window: its call is shared", async () => {
    const isolate = new Isolate();
    await isolate.follow({ one: [BROKEN], two: [ok("hi")] }, { window: true });
    expect(isolate.tried).toEqual(["one", "two"]);
  });
});

describe("a target that stays down", () => {
  it("gets at most a fifth more calls than are asked of it, and three a second", async () => {
    const isolate = new Isolate();
    const requests = 1000;
    for (let at = 0; at < requests; at++) {
      await isolate.follow({ one: [BROKEN], two: [ok("hi")] });
      // A hundred requests a second, waits not counted.
      isolate.clock = at * 10;
    }
    const calls = isolate.tried.filter((target) => target === "one").length;
    expect(calls).toBeLessThanOrEqual(requests * 1.2 + 3 * 11);
    expect(calls).toBeGreaterThan(requests * 1.1);
  });

  it("is asked by repeated runs of jobs within the same budget, which are put back uncalled beyond it", async () => {
    const isolate = new Isolate();
    const run = { isRepeat: true };
    const ends = [];
    for (let at = 0; at < 50; at++) ends.push(await isolate.follow({ one: [BROKEN] }, { run }));
    expect(isolate.tried).toHaveLength(3);
    expect(ends.at(-1)).toMatchObject({
      ok: false,
      error: { code: "overloaded", uncalled: true, attempts: 0 },
    });
    await isolate.follow({ one: [BROKEN] });
    expect(isolate.tried).toHaveLength(4);
  });

  it("takes all repeated runs when it is well again", async () => {
    const isolate = new Isolate();
    for (let at = 0; at < 500; at++)
      expect(await isolate.follow({ one: [ok("hi")] }, { run: { isRepeat: true } })).toMatchObject({
        ok: true,
      });
  });

  it("is asked once in a run of a job: its queue repeats that", async () => {
    const isolate = new Isolate();
    await isolate.follow({ one: [BROKEN], two: [BROKEN] }, { run: { isRepeat: false } });
    expect(isolate.tried).toEqual(["one", "two"]);
  });
});
