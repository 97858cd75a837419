import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../../worker/contract/errors.ts";
import { err, ok, type Result } from "../../../worker/domain/result.ts";
import type { Target } from "../../../worker/domain/routing/catalog.ts";
import type { UpstreamFailure } from "../../../worker/domain/routing/upstream-failure.ts";
import { followPlan } from "../../../worker/flows/targets/follow-plan.ts";

interface Member {
  readonly name: string;
  readonly deadline: { readonly at: number };
}
type Answered = Result<string, UpstreamFailure>;
/** What a target says to those who are tried with it; an attempt takes ten milliseconds. */
type Script = Readonly<Record<string, (member: Member) => Answered | undefined>>;

const LATER = 1000;
const member = (name: string, deadlineAt = LATER): Member => ({ name, deadline: { at: deadlineAt } });
const failed = (code: ErrorCode, more: Partial<UpstreamFailure> = {}): Answered =>
  err({ error: { code }, tryNext: true, ...more });
const atFault = (code: ErrorCode): Answered => failed(code, { tryNext: false, status: 400 });

/** Follows a plan of the script's targets. */
async function follow(
  script: Script,
  members: readonly Member[] = [member("a")],
  lastResort: readonly string[] = [],
) {
  const tried: [target: string, members: readonly string[]][] = [];
  const work = new AbortController();
  let clock = 0;
  const targets = Object.keys(script).map((label) => ({ label }) as Target);
  const ends = await followPlan<Member, string>({
    plan: {
      targets: targets.filter(({ label }) => !lastResort.includes(label)),
      skipped: [],
      lastResort: targets.filter(({ label }) => lastResort.includes(label)),
    },
    members,
    attempt: async ({ label }, open) => {
      tried.push([label, open.map(({ name }) => name)]);
      clock += 10;
      const said = open.map((each) => script[label]?.(each));
      if (said.includes(LEAVE)) work.abort();
      return said.filter((each) => each !== undefined);
    },
    signal: work.signal,
    now: () => clock,
  });
  return { tried, ends };
}

const BROKEN = failed("upstream_error", { status: 503 });

/** What is said when the client leaves: the attempt is given up. */
const LEAVE: Answered = err({ error: { code: "client_closed" }, tryNext: false });

const tryOf = (
  target: string,
  nth: number,
  error: ErrorCode | null,
  status = error === null ? 200 : null,
) => ({
  target,
  startedAt: nth * 10,
  endedAt: nth * 10 + 10,
  status,
  error,
});

describe("a plan followed for one request", () => {
  it("ends with the first target's answer, and tries no other", async () => {
    const { tried, ends } = await follow({ one: () => ok("hi"), two: () => ok("no") });
    expect(tried).toEqual([["one", ["a"]]]);
    expect(ends).toEqual([ok({ target: { label: "one" }, answer: "hi", attempts: [tryOf("one", 0, null)] })]);
  });

  it("goes on in the plan's order after failures that another target may not have", async () => {
    const { tried, ends } = await follow({
      one: () => failed("upstream_error", { status: 503 }),
      two: () => failed("upstream_timeout"),
      three: () => ok("hi"),
    });
    expect(tried.map(([target]) => target)).toEqual(["one", "two", "three"]);
    const attempts = [
      tryOf("one", 0, "upstream_error", 503),
      tryOf("two", 1, "upstream_timeout"),
      tryOf("three", 2, null),
    ];
    expect(ends).toEqual([ok({ target: { label: "three" }, answer: "hi", attempts })]);
  });

  it("ends at once where the client is at fault, with what was tried", async () => {
    const { tried, ends } = await follow({
      one: () => failed("rate_limited", { status: 429 }),
      two: () => atFault("invalid_request"),
      three: () => ok("never"),
    });
    expect(tried).toHaveLength(2);
    const tries = [tryOf("one", 0, "rate_limited", 429), tryOf("two", 1, "invalid_request", 400)];
    expect(ends).toEqual([err({ code: "invalid_request", attempts: 2, tries })]);
  });

  it("says of one failed target what it said, of several that all failed, with the soonest wait", async () => {
    const waiting = (retryAfterMs: number) =>
      err({ error: { code: "rate_limited", retryAfterMs }, tryNext: true, status: 429 } as const);
    const alone = await follow({ one: () => waiting(500) });
    expect(alone.ends).toMatchObject([err({ code: "rate_limited", retryAfterMs: 500, attempts: 1 })]);
    const both = await follow({ one: () => waiting(500), two: () => waiting(200) });
    expect(both.ends).toMatchObject([err({ code: "rate_limited", retryAfterMs: 200, attempts: 2 })]);
    const mixed = await follow({ one: () => waiting(500), two: () => failed("upstream_error") });
    expect(mixed.ends).toMatchObject([err({ code: "all_targets_failed", retryAfterMs: 500, attempts: 2 })]);
  });

  it("starts nothing after the deadline, be that before the first target or before the next", async () => {
    const script: Script = { one: () => failed("upstream_error"), two: () => ok("late") };
    const before = await follow(script, [member("a", 0)]);
    expect(before).toEqual({ tried: [], ends: [err({ code: "deadline_exceeded", tries: [] })] });
    const between = await follow(script, [member("a", 10)]);
    const tries = [tryOf("one", 0, "upstream_error")];
    expect(between.tried).toHaveLength(1);
    expect(between.ends).toEqual([err({ code: "deadline_exceeded", tries })]);
  });

  it("has exceeded the deadline where the last target was cut off by it", async () => {
    const { ends } = await follow({
      one: () => failed("upstream_error"),
      two: () => failed("deadline_exceeded"),
    });
    expect(ends).toMatchObject([err({ code: "deadline_exceeded" })]);
  });

  it("is not configured where the plan has no targets", async () => {
    expect(await follow({})).toEqual({ tried: [], ends: [err({ code: "not_configured" })] });
  });

  it("is closed by the client where that has left, whatever a target said by then", async () => {
    const { tried, ends } = await follow({ one: () => LEAVE, two: () => ok("for nobody") });
    expect(tried).toHaveLength(1);
    expect(ends).toMatchObject([err({ code: "client_closed", attempts: 1 })]);
  });

  it("asks a target whose breaker is open only when all others have failed, and tells nothing of it where it refuses", async () => {
    const lastResort = ["paused"];
    const uncalled = err({ error: { code: "overloaded", uncalled: true }, tryNext: true } as const);
    const well = await follow({ one: () => ok("hi") }, [member("a")], lastResort);
    expect(well.tried.map(([target]) => target)).toEqual(["one"]);
    const saved = await follow({ one: () => BROKEN, paused: () => ok("back") }, [member("a")], lastResort);
    expect(saved.ends).toMatchObject([
      ok({ answer: "back", attempts: [{ target: "one" }, { target: "paused" }] }),
    ]);
    const refused = await follow({ one: () => BROKEN, paused: () => uncalled }, [member("a")], lastResort);
    expect(refused.ends).toMatchObject([err({ code: "upstream_error", attempts: 1 })]);
  });

  it("takes a result that is missing for the gateway's own failure, and goes on", async () => {
    const { ends } = await follow({ one: () => undefined, two: () => ok("hi") });
    const attempts = [tryOf("one", 0, "internal_error"), tryOf("two", 1, null)];
    expect(ends).toMatchObject([ok({ answer: "hi", attempts })]);
  });
});

describe("a plan followed for a group", () => {
  it("tries each target for those only who are still to be answered, and gives each its own end", async () => {
    const { tried, ends } = await follow(
      {
        one: ({ name }) =>
          name === "answered"
            ? ok("one")
            : name === "faulty"
              ? atFault("model_input_invalid")
              : failed("upstream_error"),
        two: ({ name }) => (name === "unlucky" ? failed("upstream_timeout") : ok("two")),
      },
      [member("answered"), member("faulty"), member("second"), member("late", 5), member("unlucky")],
    );
    expect(tried).toEqual([
      ["one", ["answered", "faulty", "second", "late", "unlucky"]],
      ["two", ["second", "unlucky"]],
    ]);
    expect(ends).toMatchObject([
      ok({ answer: "one" }),
      err({ code: "model_input_invalid", attempts: 1 }),
      ok({ answer: "two", attempts: [{ target: "one" }, { target: "two" }] }),
      err({ code: "deadline_exceeded", tries: [{ target: "one" }] }),
      err({ code: "all_targets_failed", attempts: 2 }),
    ]);
  });

  it("keeps the answers that came before all left", async () => {
    const { tried, ends } = await follow(
      { one: ({ name }) => (name === "a" ? ok("hi") : LEAVE), two: () => ok("for nobody") },
      [member("a"), member("b")],
    );
    expect(tried).toHaveLength(1);
    expect(ends).toMatchObject([ok({ answer: "hi" }), err({ code: "client_closed", attempts: 1 })]);
  });
});

/** Any targets and members, with what each target says to each member, and its deadline. */
const says = fc.constantFrom<Answered>(
  ok("hi"),
  failed("upstream_error", { status: 500 }),
  failed("rate_limited", { status: 429 }),
  failed("deadline_exceeded"),
  atFault("invalid_request"),
);
const anyScript = fc.record({
  targets: fc.integer({ min: 0, max: 4 }),
  fates: fc.array(
    fc.record({ says: fc.array(says, { minLength: 4, maxLength: 4 }), deadlineAt: fc.nat(50) }),
    { maxLength: 5 },
  ),
});

/** What becomes of one member, whoever shares its attempts: none of them changes what the clock says. */
function expectOf(
  { says: said, deadlineAt }: { says: readonly Answered[]; deadlineAt: number },
  targets: number,
) {
  for (let at = 0; at < targets; at++) {
    const result = said[at];
    if (deadlineAt <= at * 10 || !result) return { attempts: at, end: "deadline_exceeded" };
    if (result.ok) return { attempts: at + 1, end: "answered" };
    if (!result.error.tryNext) return { attempts: at + 1, end: result.error.error.code };
  }
  return { attempts: targets, end: targets === 0 ? "not_configured" : "failed" };
}

describe("any plan followed for any group", () => {
  it("gives each member the end that it would have alone, with every try in its order", async () => {
    const law = fc.asyncProperty(anyScript, async ({ targets, fates }) => {
      const labels = Array.from({ length: targets }, (_, at) => `t${at}`);
      const script = Object.fromEntries(
        labels.map((label, at) => [label, ({ name }: Member) => fates[Number(name)]?.says[at]]),
      );
      const members = fates.map(({ deadlineAt }, at) => member(String(at), deadlineAt));
      const { ends } = await follow(script, members);
      expect(ends).toHaveLength(fates.length);
      for (const [at, end] of ends.entries()) {
        const fate = fates[at];
        if (!fate) throw new Error("an end of nobody");
        const expected = expectOf(fate, targets);
        const tries = end.ok ? end.value.attempts : (end.error.tries ?? []);
        const codes = fate.says
          .slice(0, expected.attempts)
          .map((each) => (each.ok ? null : each.error.error.code));
        expect(tries.map(({ target, error }) => [target, error])).toEqual(
          codes.map((code, nth) => [`t${nth}`, code]),
        );
        if (expected.end === "answered") expect(end.ok).toBe(true);
        else if (expected.end !== "failed") expect(end).toMatchObject(err({ code: expected.end }));
        else expect(end.ok).toBe(false);
      }
    });
    await fc.assert(law, { numRuns: 500 });
  });
});
