import { describe, expect, it } from "vitest";
import { runInference } from "../../../worker/flows/inference/run-inference.ts";
import { runJob } from "../../../worker/flows/jobs/run-job.ts";
import {
  ask,
  chat,
  completion,
  COST,
  delta,
  DONE,
  openFeed,
  readBody,
  refuse,
  streams,
  T,
  turns,
  until,
  USAGE,
  usageEvent,
} from "../flow-services.ts";
import { openJobWorld, openRun } from "../job-services.ts";
import { valueOf } from "../unwrap-result.ts";

const cached = chat({ temperature: 0 });
const streamed = chat({ stream: true });

describe("a job that is run by itself", () => {
  it("is an attempt, an answer and a job, with the same numbers in its report", async () => {
    const world = openJobWorld();
    world.provider = () => {
      world.clock += 40;
      return completion();
    };
    await runJob(world.services, openRun(world, ask(world, chat())));
    await world.settle();
    expect(world.facts.map(({ kind }) => kind)).toEqual(["attempt", "answer", "job"]);
    const same = { usage: USAGE, costUsd: COST };
    expect(world.attempts()).toMatchObject([{ request: "job_1", ...same }]);
    expect(world.answers()).toMatchObject([{ request: "job_1", source: "call", ...same }]);
    expect(world.jobs()).toMatchObject([{ job: "job_1", status: "succeeded", error: null, at: T + 40 }]);
    const attempts = [
      { target: "targets[0]=one/big", startedAt: T, endedAt: T + 40, status: 200, error: null },
    ];
    expect(world.reports).toMatchObject([{ kind: "answer", answer: { ...same, attempts, cache: "miss" } }]);
    expect(world.asked[0]?.headers).toMatchObject({ "idempotency-key": "job_1" });
  });

  it("keeps no estimate in its report, as no header tells one", async () => {
    const world = openJobWorld();
    world.provider = () => completion(null);
    await runJob(world.services, openRun(world, ask(world, chat())));
    expect(world.reports).toMatchObject([{ answer: { usage: null, costUsd: null } }]);
    expect(world.answers()).toMatchObject([{ usage: { estimated: true } }]);
  });

  it("is an attempt for each target and a job to be run again where all failed, and no answer", async () => {
    const world = openJobWorld();
    world.provider = () => refuse(503);
    await runJob(world.services, openRun(world, ask(world, chat())));
    await world.settle();
    expect(world.facts.map(({ kind }) => kind)).toEqual(["attempt", "attempt", "job"]);
    expect(world.jobs()).toMatchObject([{ status: "retrying", error: "all_targets_failed" }]);
    expect(world.reports).toMatchObject([{ run: { attempts: [{ status: 503 }, { status: 503 }] } }]);
  });

  it("is put back without an attempt where its targets are paused, for as long as they are", async () => {
    const world = openJobWorld();
    const run = (n: number) => {
      const { call, ...job } = openRun(world, ask(world, chat()), `job_${n}`);
      return runJob(world.services, { ...job, call: { ...call, inTurn: (work) => work() } });
    };
    world.provider = () => refuse(503);
    for (let n = 0; n < 6; n++) await run(n);
    expect(world.asked).toHaveLength(10);
    expect(world.reports.map((report) => report.kind === "failure" && report.run.postponed)).toEqual([
      ...Array.from({ length: 5 }, () => undefined),
      true,
    ]);
    // The pause of a second, and the longest part of another that the dice give.
    expect(world.reports.at(-1)).toMatchObject({
      run: { attempts: [], retryable: true, retryAfterMs: 2000 },
    });
    expect(world.jobs().at(-1)).toMatchObject({ status: "retrying", error: "overloaded" });
    world.clock += 2000;
    world.provider = () => completion();
    expect(await run(7)).toMatchObject({ kind: "recorded", status: "succeeded" });
  });

  it("records a stream by the numbers that are told of it at its end", async () => {
    const world = openJobWorld();
    world.provider = streams(delta("a"), delta("b"), usageEvent, DONE);
    await runJob(world.services, openRun(world, ask(world, streamed)));
    await world.settle();
    const same = { usage: USAGE, costUsd: COST };
    expect(world.facts.map(({ kind }) => kind)).toEqual(["attempt", "answer", "job"]);
    expect(world.attempts()).toMatchObject([same]);
    expect(world.answers()).toMatchObject([{ ...same, complete: true }]);
    expect(world.reports).toMatchObject([{ answer: same }]);
  });

  it("has its stream's break in its last attempt, and in the facts", async () => {
    const world = openJobWorld();
    world.provider = streams(delta("a"));
    await runJob(world.services, openRun(world, ask(world, streamed)));
    await world.settle();
    expect(world.attempts()).toMatchObject([{ error: "upstream_invalid_response", complete: false }]);
    expect(world.answers()).toMatchObject([{ complete: false }]);
    expect(world.jobs()).toMatchObject([{ status: "retrying", error: "upstream_invalid_response" }]);
    const attempts = [{ status: 200, error: "upstream_invalid_response" }];
    expect(world.reports).toMatchObject([{ run: { attempts } }]);
  });

  it("begins with the target after the one that broke off in the run before", async () => {
    const world = openJobWorld();
    world.provider = streams(delta("a"), DONE);
    const { lease, ...run } = openRun(world, ask(world, streamed));
    await runJob(world.services, { ...run, lease: { ...lease, brokeAt: "targets[0]=one/big" } });
    await world.settle();
    expect(world.asked.map(({ url }) => new URL(url).host)).toEqual(["two.example"]);
    expect(world.jobs()).toMatchObject([{ status: "succeeded" }]);
  });

  it("is given up by its signal, and goes back to the queue", async () => {
    const world = openJobWorld();
    const client = new AbortController();
    world.provider = ({ signal }) => openFeed(signal).response;
    const run = runJob(world.services, openRun(world, ask(world, streamed, { signal: client.signal })));
    await until(() => world.asked.length > 0);
    client.abort();
    expect(await run).toMatchObject({ kind: "retry" });
    await world.settle();
    expect(world.jobs()).toMatchObject([{ status: "retrying", error: "client_closed" }]);
    expect(world.attempts()).toMatchObject([{ error: "client_closed" }]);
    expect(world.answers()).toEqual([]);
  });
});

describe("a job that another has paid for", () => {
  it("costs nothing from the cache, and reports no attempt", async () => {
    const world = openJobWorld();
    world.provider = () => completion();
    await runJob(world.services, openRun(world, ask(world, cached)));
    await world.settle();
    world.facts.splice(0);
    await runJob(world.services, openRun(world, ask(world, cached), "job_2"));
    await world.settle();
    expect(world.facts.map(({ kind }) => kind)).toEqual(["answer", "job"]);
    expect(world.answers()).toMatchObject([{ request: "job_2", source: "hit", costUsd: 0, usage: null }]);
    const nothing = { attempts: [], usage: null, costUsd: 0, cache: "hit" };
    expect(world.reports.at(-1)).toMatchObject({ answer: nothing });
  });

  it("reports the attempts of the leader whose flight it shared, and costs nothing", async () => {
    const world = openJobWorld();
    const said = Promise.withResolvers<void>();
    world.provider = async ({ url }) => {
      await said.promise;
      world.clock += 10;
      return url.startsWith("https://one") ? refuse(503) : completion();
    };
    const knownKey = { key: "known", target: "targets[0]=one/big" };
    const leader = ask(world, cached);
    const led = runInference(world.services, { ...leader, knownKey });
    await until(() => world.asked.length === 1);
    const run = runJob(world.services, openRun(world, { ...ask(world, cached), knownKey }));
    await turns();
    said.resolve();
    const outcome = valueOf(await led);
    await readBody(outcome.body);
    await run;
    await world.settle();
    expect(world.asked).toHaveLength(2);
    expect(world.attempts().map(({ request, error }) => [request, error])).toEqual([
      [leader.requestId, "upstream_error"],
      [leader.requestId, null],
    ]);
    const { attempts } = outcome;
    expect(attempts).toHaveLength(2);
    const [report] = world.reports;
    expect(report).toMatchObject({ answer: { usage: USAGE, costUsd: 0 } });
    if (report?.kind !== "answer") throw new Error("no answer");
    expect(report.answer.attempts.map(({ target, error }) => [target, error])).toEqual(
      attempts.map(({ target, error }) => [target, error]),
    );
    const costs = world.answers().map(({ request, source, costUsd }) => [request, `${source} ${costUsd}`]);
    expect(Object.fromEntries(costs)).toEqual({
      job_1: "flight 0",
      [leader.requestId]: `call ${COST}`,
    });
  });
});
