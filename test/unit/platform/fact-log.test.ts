import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnswerFact, AttemptFact, Defer, Fact } from "../../../worker/domain/facts/fact.ts";
import { createFactLog } from "../../../worker/platform/fact-log.ts";

const use = { usage: null, costUsd: 0, complete: true };
const common = {
  tenant: "acme",
  keyId: "k",
  task: "chat",
  route: "chat",
  target: "t",
  startedAt: 0,
  endedAt: 1,
} as const;
const answer = (request: string): AnswerFact => ({
  kind: "answer",
  request,
  ...common,
  ...use,
  release: "r1",
  source: "call",
  attempts: 1,
  metadata: undefined,
});
const attempt = (request: string, change: Partial<AttemptFact> = {}): AttemptFact => ({
  kind: "attempt",
  request,
  ...common,
  ...use,
  key: undefined,
  quote: undefined,
  status: 200,
  error: null,
  reason: undefined,
  sharedBy: 1,
  ...change,
});

const fail = () => {
  throw new Error("the request is over");
};

/** A log over a clock of the test's; requests live until they are stopped, and what they deferred with them. */
function openLog() {
  const lines: (readonly Fact[])[] = [];
  const waits: { readonly at: number; wake: () => void }[] = [];
  let clock = 0;
  const listener = createFactLog({
    write: (event, { facts }) => {
      expect(event).toBe("facts");
      lines.push(facts as readonly Fact[]);
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        waits.push({ at: clock + ms, wake: resolve });
        signal.addEventListener("abort", () => resolve());
      }),
    now: () => clock,
  });
  let deferred = 0;
  const pending = new Set<string>();
  /** The deferred work of somebody, who waits while there is any. */
  const deferOf =
    (name: string): Defer =>
    (work) => {
      deferred++;
      pending.add(name);
      void work.then(() => pending.delete(name));
    };
  return {
    lines,
    names: () => lines.map((line) => line.map((fact) => ("request" in fact ? fact.request : fact.job))),
    hear: (fact: Fact, defer = deferOf("a request")) => listener.hear(fact, defer),
    flush: (defer: Defer) => listener.flush?.(defer),
    deferOf,
    /** Who still waits for more. */
    waiting: () => [...pending],
    deferred: () => deferred,
    /** The requests that wait to write are stopped by the platform. */
    stop: () => void waits.splice(0),
    async pass(ms: number) {
      clock += ms;
      for (const wait of waits.filter(({ at }) => at <= clock)) wait.wake();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe("the log of facts", () => {
  it("writes those of a second in one line, behind the first one's response", async () => {
    const log = openLog();
    log.hear(answer("a"));
    await log.pass(400);
    log.hear(answer("b"));
    await log.pass(599);
    expect(log.lines).toEqual([]);
    await log.pass(1);
    expect(log.names()).toEqual([["a", "b"]]);
    expect(log.deferred()).toBe(1);
    log.hear(answer("c"));
    await log.pass(1000);
    expect(log.names()).toEqual([["a", "b"], ["c"]]);
    expect(log.deferred()).toBe(2);
  });

  it("writes at once what fills a line, and nothing twice", async () => {
    const log = openLog();
    for (let nth = 0; nth < 130; nth++) log.hear(answer(String(nth)));
    expect(log.lines.map(({ length }) => length)).toEqual([64, 64]);
    await log.pass(1000);
    expect(log.lines.map(({ length }) => length)).toEqual([64, 64, 2]);
    await log.pass(5000);
    expect(log.lines).toHaveLength(3);
  });

  it("has the next fact write what a request could not that was stopped", async () => {
    const log = openLog();
    log.hear(answer("stopped"));
    log.stop();
    await log.pass(999);
    log.hear(answer("early"));
    expect(log.lines).toEqual([]);
    await log.pass(1);
    log.hear(answer("next"));
    expect(log.names()).toEqual([["stopped", "early", "next"]]);
    log.hear(answer("later"));
    await log.pass(1000);
    expect(log.names().at(-1)).toEqual(["later"]);
  });

  it("has the next fact write what could not be put off, its request being over", async () => {
    const log = openLog();
    expect(() => log.hear(answer("over"), () => fail())).toThrow("the request is over");
    log.stop();
    log.hear(answer("early"));
    await log.pass(1000);
    log.hear(answer("next"));
    expect(log.names()).toEqual([["over", "early", "next"]]);
  });

  it("leaves out the call of an answer, but not one that failed or that several shared", async () => {
    const log = openLog();
    log.hear(attempt("answered"));
    log.hear(attempt("failed", { error: "upstream_error", status: 503 }));
    log.hear(attempt("shared", { sharedBy: 32 }));
    await log.pass(1000);
    expect(log.names()).toEqual([["failed", "shared"]]);
  });

  it("writes at once where waiting would hold something up, and lets go of those alone who asked", async () => {
    const log = openLog();
    const delivery = log.deferOf("delivery");
    log.hear(answer("a"), delivery);
    log.flush(delivery);
    await log.pass(0);
    expect([log.names(), log.waiting()]).toEqual([[["a"]], []]);
    log.hear(answer("b"), log.deferOf("request"));
    log.hear(answer("c"), delivery);
    log.flush(delivery);
    await log.pass(0);
    expect([log.names(), log.waiting()]).toEqual([[["a"], ["b", "c"]], ["request"]]);
    await log.pass(1000);
    expect([log.lines.length, log.waiting()]).toEqual([2, []]);
  });

  it("writes every fact once and in order, whoever is stopped, where more come", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant("hear" as const) },
      { weight: 1, arbitrary: fc.constant("stop" as const) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 1500 }) },
    );
    const law = fc.asyncProperty(fc.array(step, { maxLength: 200 }), async (steps) => {
      const log = openLog();
      let told = 0;
      for (const each of steps) {
        if (each === "hear") log.hear(answer(String(told++)));
        else if (each === "stop") log.stop();
        else await log.pass(each);
      }
      await log.pass(1000);
      log.hear(answer(String(told++)));
      await log.pass(1000);
      expect(log.names().flat()).toEqual(Array.from({ length: told }, (_, nth) => String(nth)));
    });
    await fc.assert(law, { numRuns: 200 });
  });
});
