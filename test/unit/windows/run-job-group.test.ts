import { describe, expect, it } from "vitest";
import { runJobGroup } from "../../../worker/flows/windows/run-job-group.ts";
import { type Asked, refuse, T, vectors } from "../flow-services.ts";
import { openDelivery, openEntry, openGroup, openJobWorld, type JobWorld } from "../job-services.ts";

async function run(world: JobWorld, entries: ReturnType<typeof openEntry>[]) {
  world.group = openGroup(entries);
  await runJobGroup(world.services, "window-0123", openDelivery(world));
  await world.settle();
}

const textsOf = ({ text }: Asked) => (JSON.parse(text) as { input: string[] }).input;
const sum = (numbers: readonly (number | null | undefined)[]) =>
  numbers.reduce<number>((all, one) => all + (one ?? NaN), 0);

describe("jobs that are run as a group", () => {
  it("are one attempt, and an answer and a job each, whose shares add up to it", async () => {
    const world = openJobWorld();
    world.provider = (asked) => {
      world.clock += 40;
      return vectors(asked);
    };
    await run(world, [
      openEntry("job_1", "one"),
      openEntry("job_2", ["two", "three"]),
      openEntry("job_3", "four"),
    ]);
    const [attempt, ...others] = world.attempts();
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ request: "window-0-7", tenant: undefined, sharedBy: 3, costUsd: 4 });
    const answers = world.answers();
    expect(answers.map(({ request, source }) => [request, source])).toEqual([
      ["job_1", "window"],
      ["job_2", "window"],
      ["job_3", "window"],
    ]);
    expect(sum(answers.map(({ usage }) => usage?.prompt_tokens))).toBe(attempt?.usage?.prompt_tokens);
    expect(sum(answers.map(({ costUsd }) => costUsd))).toBe(attempt?.costUsd);
    expect(world.jobs()).toMatchObject(
      ["job_1", "job_2", "job_3"].map((job) => ({
        job,
        tenant: "acme",
        status: "succeeded",
        error: null,
        at: T + 40,
      })),
    );
    const reported = world.reports.map((report) =>
      report.kind === "answer" ? [report.job, report.answer.costUsd, report.answer.usage] : [],
    );
    expect(reported).toEqual(answers.map(({ request, costUsd, usage }) => [request, costUsd, usage]));
    const times = { startedAt: T, endedAt: T + 40 };
    const attempts = [{ target: "targets[0]=one/big", ...times, status: 200, error: null }];
    for (const report of world.reports) {
      expect(report).toMatchObject({ answer: { attempts, window: { id: "window-0-7", size: 4 } } });
    }
    expect(world.settled).toEqual([[]]);
  });

  it("are answers of the cache where the same was asked before, with no part in the call", async () => {
    const world = openJobWorld();
    world.provider = vectors;
    await run(world, [openEntry("job_1", "one")]);
    world.facts.splice(0);
    await run(world, [openEntry("job_2", "one"), openEntry("job_3", "two")]);
    expect(world.asked.map(textsOf)).toEqual([["one"], ["two"]]);
    expect(world.attempts()).toMatchObject([{ sharedBy: 1, costUsd: 1 }]);
    expect(world.answers()).toMatchObject([
      { request: "job_2", source: "hit", costUsd: 0, attempts: 0 },
      { request: "job_3", source: "window", costUsd: 1, attempts: 1 },
    ]);
    expect(world.jobs().map(({ job, status }) => [job, status])).toEqual([
      ["job_2", "succeeded"],
      ["job_3", "succeeded"],
    ]);
  });

  it("fail together by one attempt a target, which each reports, and are each a job to be run again", async () => {
    const world = openJobWorld();
    world.provider = () => refuse(503);
    await run(
      world,
      Array.from({ length: 32 }, (_, at) => openEntry(`job_${at}`, `text ${at}`)),
    );
    expect(world.attempts()).toMatchObject([
      { target: "targets[0]=one/big", error: "upstream_error", sharedBy: 32 },
      { target: "targets[1]=two/small", error: "upstream_error", sharedBy: 32 },
    ]);
    expect(world.answers()).toEqual([]);
    expect(world.reports).toHaveLength(32);
    for (const report of world.reports) {
      expect(report).toMatchObject({
        kind: "failure",
        run: { attempts: [{ status: 503 }, { status: 503 }] },
      });
    }
    expect(world.jobs()).toHaveLength(32);
    expect(world.jobs()[0]).toMatchObject({ status: "retrying", error: "all_targets_failed" });
    expect(world.settled[0]?.[0]?.ids).toHaveLength(32);
  });

  it("are told apart: one that is at fault ends, one that cannot be read is called for by nobody", async () => {
    const world = openJobWorld();
    world.provider = (asked) => (textsOf(asked).includes("bad") ? refuse(400, "no") : vectors(asked));
    const unreadable = { ...openEntry("job_3", "x"), request: "{}" };
    await run(world, [openEntry("job_1", "good"), openEntry("job_2", "bad"), unreadable]);
    const ends = world.jobs().map(({ job, status, error }) => [job, `${status} ${error}`]);
    expect(Object.fromEntries(ends)).toEqual({
      job_1: "succeeded null",
      job_2: "failed invalid_request",
      job_3: "failed invalid_request",
    });
    expect(world.answers().map(({ request }) => request)).toEqual(["job_1"]);
    expect(world.asked.flatMap(textsOf)).not.toContain("x");
  });

  it("ask again under the same names: the provider can tell a repeat", async () => {
    const world = openJobWorld();
    world.provider = () => refuse(503);
    const entries = [openEntry("job_1", "one"), openEntry("job_2", "two")];
    await run(world, entries);
    await run(world, entries);
    const keys = world.asked.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
  });
});
