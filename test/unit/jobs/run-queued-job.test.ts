import { describe, expect, it } from "vitest";
import { runQueuedJob } from "../../../worker/flows/jobs/run-queued-job.ts";
import type { Submission } from "../../../worker/domain/jobs/job-protocol.ts";
import { T, vectors } from "../flow-services.ts";
import { type JobWorld, openDelivery, openJobWorld } from "../job-services.ts";
import { submission } from "./job-events.ts";

/** A world in which a job is there to be run. */
function openQueued(model: string, request: string, changes: Partial<Submission> = {}): JobWorld {
  const world = openJobWorld();
  const { request: _, ...facts } = submission({ model, ...changes });
  const lease = { epoch: 1, tries: 1, leaseUntil: T + 30_000, completeBy: T + 60_000, createdAt: T };
  world.claim = { kind: "claimed", lease, facts, request: new TextEncoder().encode(request) };
  world.provider = vectors;
  return world;
}

describe("a job that its message lets be run", () => {
  it("is told with its own labels and its caller's key, as of the release in force", async () => {
    const world = openQueued("uncached", '{"model":"uncached","input":"one"}');
    await runQueuedJob(world.services, "job_1", openDelivery(world));
    await world.settle();
    expect(world.facts.map(({ kind }) => kind)).toEqual(["attempt", "answer", "job"]);
    const { tenant, keyId, metadata } = submission();
    expect(world.answers()).toMatchObject([{ request: "job_1", tenant, keyId, metadata, release: "r1" }]);
    expect(world.attempts()).toMatchObject([{ request: "job_1", tenant, keyId }]);
  });

  it("sends the headers that it has kept with each run, to whom they are for", async () => {
    const clientHeaders = { "x-title": "T", "x-anthropic-beta": "b", "x-session-affinity": "s" };
    const world = openQueued("titled", '{"model":"titled","input":"one"}', { clientHeaders });
    for (const run of [1, 2]) await runQueuedJob(world.services, `job_${run}`, openDelivery(world));
    expect(world.asked).toHaveLength(2);
    for (const { headers } of world.asked) {
      expect(headers).toMatchObject({ "x-title": "T", "x-anthropic-beta": "b" });
      expect(headers).not.toHaveProperty("x-session-affinity");
    }
  });

  it.each([
    ["cannot be read any more", "uncached", "{}", "rejected"],
    ["has lost its route", "gone", '{"model":"gone","input":"one"}', "model_not_found"],
  ])("ends, and is told, where it %s", async (_, model, request, code) => {
    const world = openQueued(model, request);
    await runQueuedJob(world.services, "job_1", openDelivery(world));
    expect(world.asked).toEqual([]);
    expect(world.reports).toMatchObject([{ kind: "failure", run: { error: { code }, attempts: [] } }]);
    expect(world.facts).toMatchObject([
      { kind: "job", job: "job_1", tenant: "acme", route: model, status: "failed", error: code },
    ]);
  });

  it("is nobody's news where another runs it, or it is no more", async () => {
    const world = openQueued("uncached", "{}");
    for (const claim of [{ kind: "wait", until: T }, { kind: "absent" }] as const) {
      world.claim = claim;
      await runQueuedJob(world.services, "job_1", openDelivery(world));
    }
    expect([world.facts, world.reports]).toEqual([[], []]);
  });
});
