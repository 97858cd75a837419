import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  RequestWindowBase,
  type RequestWindowPorts,
} from "../../../durable-objects/request-window/request-window-object.ts";
import type { WindowPolicy } from "../../../durable-objects/request-window/request-window-state.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import type {
  GroupAnswer,
  SharedCall,
  WindowReply,
  WindowSpec,
} from "../../../worker/domain/windows/request-window-protocol.ts";
import type { Environment } from "../../../worker/platform/environment.ts";

const spec: WindowSpec = { route: "embed", target: "targets[0]=a/b", task: "embeddings", parameters: {} };
const real = env as unknown as Environment;

/** A call as the window made it, and how to end it. */
interface OpenCall extends SharedCall {
  readonly end: (answers: readonly GroupAnswer[] | "throws") => void;
}

/** A window inside a real object, whose calls the test ends. */
interface OpenWindow {
  readonly window: RequestWindowBase;
  readonly calls: OpenCall[];
  readonly run: (
    id: string,
    change?: { readonly items?: number; readonly deadlineAt?: number },
  ) => Promise<WindowReply>;
}

const policy: WindowPolicy = {
  maxItems: 4,
  maxTokens: 1000,
  padded: false,
  maxDelayMs: 0,
  slots: 1,
  objectiveMs: null,
};

/** Each entry's answer names it, so that nobody can have another's unseen. */
const echo = ({ entries }: SharedCall): GroupAnswer[] =>
  entries.map(({ items }) => ok({ body: JSON.stringify(items), usage: null }));

async function withWindow(work: (open: OpenWindow) => Promise<void>, change: Partial<WindowPolicy> = {}) {
  const stub = real.REQUEST_WINDOWS.get(real.REQUEST_WINDOWS.newUniqueId());
  await runInDurableObject(stub, async (_, state) => {
    const calls: OpenCall[] = [];
    const ports: RequestWindowPorts = {
      now: () => Date.now(),
      policyOf: () => ({ ...policy, ...change }),
      log: { info: () => {}, warn: () => {} },
      call: (shared) => {
        const answer = Promise.withResolvers<readonly GroupAnswer[]>();
        const end: OpenCall["end"] = (answers) =>
          answers === "throws" ? answer.reject(new Error("an adapter threw")) : answer.resolve(answers);
        calls.push({ ...shared, end });
        return answer.promise;
      },
    };
    const window = new (class extends RequestWindowBase {
      protected override openPorts(): RequestWindowPorts {
        return ports;
      }
    })(state, real);
    const run: OpenWindow["run"] = (id, { items = 1, deadlineAt = Date.now() + 60_000 } = {}) => {
      const texts = Array.from({ length: items }, (__, at) => `${id}.${at}`);
      return window.run(spec, { id, items: texts, tokens: texts.map(() => 1), deadlineAt });
    };
    await work({ window, calls, run });
  });
}

/** Lets what a settled promise sets off happen. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
const idsOf = (call: OpenCall | undefined) => call?.entries.map(({ id }) => id).join("") ?? "none";

describe("a window's object", () => {
  it("answers each with its own, and tells which call it was and who shared it", () =>
    withWindow(async ({ calls, run }) => {
      const first = run("a");
      const others = ["b", "c"].map((id) => run(id));
      calls[0]?.end(echo(calls[0]));
      expect(await first).toMatchObject({
        kind: "answered",
        body: '["a.0"]',
        window: { size: 1, waitedMs: 0 },
      });
      await turn();
      expect(idsOf(calls[1])).toBe("bc");
      if (calls[1]) calls[1].end(echo(calls[1]));
      const replies = await Promise.all(others);
      expect(replies).toMatchObject([
        { body: '["b.0"]', window: { size: 2 } },
        { body: '["c.0"]', window: { size: 2 } },
      ]);
    }));

  it("goes on after a call that throws, and after one that answers too few", () =>
    withWindow(async ({ calls, run }) => {
      const first = run("a");
      const others = [run("b"), run("c")];
      calls[0]?.end("throws");
      expect(await first).toMatchObject({ kind: "failed", failure: { error: { code: "internal_error" } } });
      await turn();
      calls[1]?.end(calls[1] ? echo(calls[1]).slice(0, 1) : []);
      expect(await Promise.all(others)).toMatchObject([{ kind: "answered" }, { kind: "failed" }]);
      const last = run("d");
      await turn();
      calls[2]?.end(calls[2] ? echo(calls[2]) : []);
      expect(await last).toMatchObject({ kind: "answered" });
    }));

  it("keeps a call as long as the member that waits longest, and longer where one is given more time", () =>
    withWindow(async ({ window, calls, run }) => {
      const soon = Date.now() + 10_000;
      void run("a");
      const shared = [run("b", { deadlineAt: soon }), run("c", { deadlineAt: soon + 1000 })];
      await window.extend("b", soon + 500);
      calls[0]?.end(echo(calls[0]));
      await turn();
      expect(calls[1]?.deadline.at).toBe(soon + 1000);
      await window.extend("b", soon + 5000);
      await window.extend("c", soon + 2000);
      expect(calls[1]?.deadline.at).toBe(soon + 5000);
      if (calls[1]) calls[1].end(echo(calls[1]));
      await Promise.all(shared);
    }));

  it("has an entry wait until a later deadline that it is given", () =>
    withWindow(async ({ window, calls, run }) => {
      void run("a");
      const waiting = run("b", { deadlineAt: Date.now() + 20 });
      await window.extend("b", Date.now() + 60_000);
      await scheduler.wait(50);
      calls[0]?.end(echo(calls[0]));
      await turn();
      expect(idsOf(calls[1])).toBe("b");
      if (calls[1]) calls[1].end(echo(calls[1]));
      expect(await waiting).toMatchObject({ kind: "answered" });
    }));

  it("aborts a call when all requests that share it have left, and not before", () =>
    withWindow(async ({ window, calls, run }) => {
      void run("a");
      const shared = [run("b"), run("c")];
      calls[0]?.end(echo(calls[0]));
      await turn();
      await window.leave("b");
      expect(calls[1]?.signal.aborted).toBe(false);
      await window.leave("c");
      expect(calls[1]?.signal.aborted).toBe(true);
      calls[1]?.end([]);
      expect((await Promise.all(shared)).map(({ kind }) => kind)).toEqual(["failed", "failed"]);
    }));

  it("answers a request that leaves while it waits, and makes no call for it", () =>
    withWindow(async ({ window, calls, run }) => {
      void run("a");
      const waiting = run("b");
      await window.leave("b");
      expect(await waiting).toEqual({ kind: "refused", why: "left" });
      calls[0]?.end(echo(calls[0]));
      await turn();
      expect(calls).toHaveLength(1);
    }));

  it("expires a request at its deadline, and sends a group that has waited long enough, without another event", () =>
    withWindow(
      async ({ calls, run }) => {
        const first = run("a");
        await expect.poll(() => idsOf(calls[0])).toBe("a");
        expect(await run("b", { deadlineAt: Date.now() + 20 })).toEqual({ kind: "refused", why: "late" });
        calls[0]?.end(echo(calls[0]));
        await first;
      },
      { maxDelayMs: 10 },
    ));
});

type Step =
  | { readonly kind: "arrive"; readonly items: number }
  | { readonly kind: "leave"; readonly which: number }
  | { readonly kind: "end"; readonly how: "whole" | "short" | "throws" | "refused" | "throttled" };
const aStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant("arrive" as const), items: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), which: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      how: fc.constantFrom("whole" as const, "whole", "short", "throws", "refused", "throttled"),
    }),
  },
);

const throttled: GroupAnswer = err({ error: { code: "rate_limited" }, tryNext: true });
const refused: GroupAnswer = err({ error: { code: "invalid_request" }, tryNext: false });
function endWith(call: OpenCall, how: Extract<Step, { kind: "end" }>["how"]): void {
  if (how === "throws") return call.end("throws");
  if (how === "whole") return call.end(echo(call));
  if (how === "short") return call.end(echo(call).slice(0, -1));
  call.end(call.entries.map(() => (how === "throttled" ? throttled : refused)));
}

describe("in any interleaving of arrivals, leavings and calls that go wrong", () => {
  it("each request is answered once, with its own part or a reason, and in the end none waits", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aStep, { maxLength: 40, size: "max" }),
        fc.integer({ min: 1, max: 3 }),
        (steps, slots) =>
          withWindow(
            async ({ window, calls, run }) => {
              const replies: {
                readonly id: string;
                readonly items: number;
                readonly reply: Promise<WindowReply>;
              }[] = [];
              const open: OpenCall[] = [];
              let seen = 0;
              const collect = async () => {
                await turn();
                for (; seen < calls.length; seen++) if (calls[seen]) open.push(calls[seen] as OpenCall);
                expect(open.length).toBeLessThanOrEqual(slots);
              };
              for (const step of steps) {
                if (step.kind === "arrive") {
                  const id = `e${replies.length}`;
                  replies.push({ id, items: step.items, reply: run(id, { items: step.items }) });
                }
                if (step.kind === "leave") await window.leave(`e${step.which}`);
                if (step.kind === "end") {
                  const call = open.shift();
                  if (call) endWith(call, step.how);
                }
                await collect();
              }
              while (open.length > 0) {
                endWith(open.shift() as OpenCall, "whole");
                await collect();
              }
              for (const { id, items, reply } of replies) {
                const settled = await Promise.race([reply, turn().then(() => "nothing" as const)]);
                if (settled === "nothing") throw new Error(`${id} waits for ever`);
                if (settled.kind !== "answered") continue;
                expect(JSON.parse(settled.body)).toEqual(
                  Array.from({ length: items }, (_, at) => `${id}.${at}`),
                );
              }
              const called = calls.flatMap(({ entries }) => entries.map(({ id }) => id));
              expect(new Set(called).size).toBe(called.length);
            },
            { slots },
          ),
      ),
      { numRuns: 60 },
    );
  });
});
