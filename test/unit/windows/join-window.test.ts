import { describe, expect, it, vi } from "vitest";
import { Deadline } from "../../../worker/domain/requests/deadline.ts";
import type {
  WindowEntry,
  WindowPort,
  WindowReply,
  WindowSpec,
} from "../../../worker/domain/windows/request-window-protocol.ts";
import { costOf } from "../../../worker/flows/inference/outcome.ts";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import { callForWindow } from "../../../worker/flows/windows/call-for-window.ts";
import { createFactLog } from "../../../worker/platform/fact-log.ts";
import {
  ask,
  embed,
  openWorld,
  refuse,
  turns,
  until,
  vectors,
  type Asked,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

interface Waiting {
  readonly entry: WindowEntry;
  readonly reply: (reply: WindowReply) => void;
}

/** A world whose windows call when so many wait in them. */
function openWindowed(size: number) {
  const left: string[] = [];
  const extended: (readonly [id: string, deadlineAt: number])[] = [];
  const names = new Map<string, Waiting[]>();
  const call = async (spec: WindowSpec, group: readonly Waiting[]) => {
    const { signal } = new AbortController();
    const entries = group.map(({ entry }) => entry);
    const { services, release, defer } = world;
    const deadline = new Deadline(Math.max(...entries.map(({ deadlineAt }) => deadlineAt)));
    const shared = { spec, entries, id: `call-of-${spec.target}`, deadline, signal };
    const answers = await callForWindow(services, release.catalog, shared, defer);
    const window = { id: shared.id, size: entries.length, waitedMs: 5 };
    for (const [at, { reply }] of group.entries()) {
      const answer = answers[at];
      if (!answer) throw new Error("a member without an answer");
      reply(
        answer.ok ? { kind: "answered", ...answer.value, window } : { kind: "failed", failure: answer.error },
      );
    }
  };
  const find = (name: string): WindowPort => ({
    run(spec, entry) {
      const group = names.get(name) ?? [];
      names.set(name, group);
      const { promise, resolve } = Promise.withResolvers<WindowReply>();
      group.push({ entry, reply: resolve });
      if (group.length === size) void call(spec, group.splice(0));
      return promise;
    },
    async extend(id, deadlineAt) {
      extended.push([id, deadlineAt]);
    },
    async leave(id) {
      left.push(id);
      for (const group of names.values()) {
        const at = group.findIndex(({ entry }) => entry.id === id);
        for (const { reply } of at < 0 ? [] : group.splice(at, 1)) reply({ kind: "refused", why: "left" });
      }
    },
  });
  const world: World = openWorld({ windows: { find } });
  const waiting = () => [...names.values()].reduce((all, each) => all + each.length, 0);
  const entries = () => [...names.values()].flat().map(({ entry }) => entry);
  return { world, left, extended, waiting, entries };
}

const askAll = (world: World, inputs: readonly (string | string[])[]) =>
  Promise.all(inputs.map((input) => runInference(world.services, ask(world, embed(input, "windowed")))));

const sum = (numbers: readonly (number | undefined)[]) =>
  numbers.reduce<number>((all, one) => all + (one ?? NaN), 0);
const textsOf = ({ text }: Asked) => (JSON.parse(text) as { input: string[] }).input;

describe("requests that share a window's call", () => {
  it("are one attempt for nobody's account, and an answer each, which add up to it", async () => {
    const { world } = openWindowed(3);
    world.provider = vectors;
    const outcomes = (await askAll(world, ["one", ["two", "three"], "four four four four"])).map(valueOf);
    await world.settle();
    expect(world.asked.map(textsOf)).toEqual([["one", "two", "three", "four four four four"]]);
    expect(world.attempts()).toMatchObject([
      { request: "call-of-targets[0]=one/big", tenant: undefined, keyId: undefined, sharedBy: 3, costUsd: 4 },
    ]);
    const answers = world.answers();
    expect(answers).toHaveLength(3);
    expect(answers).toMatchObject(
      answers.map(() => ({ tenant: "acme", source: "window", attempts: 1, complete: true })),
    );
    expect(sum(answers.map(({ usage }) => usage?.prompt_tokens ?? NaN))).toBe(4);
    expect(sum(answers.map(({ costUsd }) => costUsd))).toBe(4);
    expect(new Set(answers.map(({ costUsd }) => costUsd))).toEqual(new Set(outcomes.map(costOf)));
  });

  it("make a call of their own, by their headers, where these ask for another answer", async () => {
    const { world } = openWindowed(2);
    world.provider = vectors;
    const headers: Readonly<Record<string, string>> = { "x-anthropic-beta": "a", "x-title": "T" };
    const readHeader = (name: string) => headers[name] ?? null;
    valueOf(await runInference(world.services, ask(world, embed("one", "titled"), { readHeader })));
    expect(world.asked).toMatchObject([{ headers }]);
    expect(world.answers()).toMatchObject([{ source: "call" }]);
  });

  it("have their call made again once for all of them, each try told to all", async () => {
    const { world } = openWindowed(8);
    let calls = 0;
    world.provider = (call) => (++calls === 1 ? refuse(503) : vectors(call));
    const inputs = Array.from({ length: 8 }, (_, at) => `text ${at}`);
    const outcomes = await Promise.all(
      inputs.map((input) => runInference(world.services, ask(world, embed(input, "repeated-window")))),
    );
    expect(world.asked.map(({ url }) => new URL(url).host)).toEqual(["one.example", "one.example"]);
    for (const outcome of outcomes)
      expect(valueOf(outcome).attempts).toMatchObject([
        { target: "targets[0]=one/big", status: 503, error: "upstream_error" },
        { target: "targets[0]=one/big", status: 200, error: null },
      ]);
    await world.settle();
    expect(world.attempts().map(({ sharedBy }) => sharedBy)).toEqual([8, 8]);
  });

  it("fail by one attempt a target, with each try in the reports of all, and no answer", async () => {
    const { world } = openWindowed(32);
    world.provider = () => refuse(503);
    const outcomes = await askAll(
      world,
      Array.from({ length: 32 }, (_, at) => `text ${at}`),
    );
    await world.settle();
    expect(world.facts).toMatchObject([
      { kind: "attempt", target: "targets[0]=one/big", error: "upstream_error", status: 503, sharedBy: 32 },
      { kind: "attempt", target: "targets[1]=two/small", error: "upstream_error", status: 503, sharedBy: 32 },
    ]);
    for (const outcome of outcomes) {
      expect(errorOf(outcome)).toMatchObject({ code: "all_targets_failed", attempts: 2 });
      expect(errorOf(outcome).tries).toMatchObject([
        { target: "targets[0]=one/big", status: 503, error: "upstream_error" },
        { target: "targets[1]=two/small", status: 503, error: "upstream_error" },
      ]);
    }
    const lines: unknown[] = [];
    const log = createFactLog({
      write: (_, { facts }) => lines.push(facts),
      sleep: async () => {},
      now: () => 0,
    });
    for (const fact of world.facts) log.hear(fact, () => {});
    await turns();
    expect(lines).toEqual([world.facts]);
  });

  it("are told from the one whose input the provider refuses: the others get their answers", async () => {
    const { world } = openWindowed(3);
    world.provider = (asked) => (textsOf(asked).includes("bad") ? refuse(400, "no") : vectors(asked));
    const outcomes = await askAll(world, ["good", "bad", "fine"]);
    await world.settle();
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, false, true]);
    expect(outcomes[1]).toMatchObject({ error: { code: "invalid_request", attempts: 1 } });
    const attempts = world.attempts().map(({ sharedBy, error }) => [sharedBy, error]);
    expect(attempts[0]).toEqual([3, "invalid_request"]);
    // It is found by halves, whatever its place.
    expect(attempts.filter(([, error]) => error === null).length).toBeGreaterThan(0);
    expect(attempts.filter(([sharedBy, error]) => sharedBy === 1 && error !== null)).toHaveLength(1);
    expect(world.answers()).toHaveLength(2);
  });

  it("get theirs where the shared answer lacks another's, which goes to the next target", async () => {
    const { world, entries } = openWindowed(3);
    world.provider = (asked) =>
      vectors({ ...asked, text: JSON.stringify({ input: textsOf(asked).slice(0, -1) }) });
    const answered: boolean[] = [];
    for (const input of ["one", "two", "three"]) {
      const outcome = runInference(world.services, ask(world, embed(input, "windowed")));
      void outcome.then(({ ok }) => answered.push(ok));
    }
    await until(() => answered.length === 2);
    await until(() => entries().length === 1);
    expect(answered).toEqual([true, true]);
    expect(world.asked).toHaveLength(1);
  });

  it("go by themselves where the window cannot be reached, and are told as such", async () => {
    const world = openWorld();
    world.provider = vectors;
    const [outcome] = await askAll(world, ["one"]);
    if (!outcome) throw new Error("no outcome");
    await world.settle();
    expect(valueOf(outcome).attempts).toHaveLength(1);
    expect(world.attempts()).toMatchObject([{ tenant: "acme", sharedBy: 1 }]);
    expect(world.answers()).toMatchObject([{ source: "call" }]);
    expect(world.logged).toEqual(["window_unreachable"]);
  });

  it("leave it at their own deadline, whatever the others of their group wait for", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { world, left, waiting } = openWindowed(2);
    const deadline = new Deadline(world.clock + 400);
    const outcome = runInference(world.services, ask(world, embed("one", "windowed"), { deadline }));
    await until(() => waiting() === 1);
    world.clock += 400;
    await vi.advanceTimersByTimeAsync(400);
    expect(errorOf(await outcome)).toMatchObject({
      code: "deadline_exceeded",
      tries: [{ error: "deadline_exceeded" }],
    });
    await world.settle();
    expect(left).toHaveLength(1);
    vi.useRealTimers();
  });

  it("wait longer where their call is shared by one who waits longer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { world, left, extended, waiting, entries } = openWindowed(2);
    const deadline = new Deadline(world.clock + 400);
    const outcome = runInference(world.services, ask(world, embed("one", "windowed"), { deadline }));
    await until(() => waiting() === 1);
    deadline.extend(world.clock + 5000);
    expect(extended).toEqual([[entries()[0]?.id, world.clock + 5000]]);
    world.clock += 400;
    await vi.advanceTimersByTimeAsync(400);
    expect(left).toEqual([]);
    world.clock += 4600;
    await vi.advanceTimersByTimeAsync(4600);
    expect(errorOf(await outcome).code).toBe("deadline_exceeded");
    expect(left).toHaveLength(1);
    vi.useRealTimers();
  });

  it("leave the window when their client does, and are closed by it", async () => {
    const { world, left, waiting } = openWindowed(2);
    const client = new AbortController();
    const asked = ask(world, embed("one", "windowed"), { signal: client.signal });
    const outcome = runInference(world.services, asked);
    await until(() => waiting() === 1);
    client.abort();
    expect(errorOf(await outcome).code).toBe("client_closed");
    await world.settle();
    expect(left).toHaveLength(1);
    expect(world.facts).toEqual([]);
  });
});
