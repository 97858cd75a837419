import { describe, expect, it } from "vitest";
import type { JobPort } from "../../../worker/domain/jobs/job-protocol.ts";
import { consumeJobs } from "../../../worker/queue/consume-jobs.ts";
import { T, turns, until, vectors } from "../flow-services.ts";
import { openJobWorld } from "../job-services.ts";
import { submission } from "../jobs/job-events.ts";

const idOf = (name: string) => `job_${name.padEnd(43, "A")}`;

/** A delivery of messages that name jobs; their provider is slow: each call ends when the test says so. */
function deliver(messages: readonly (readonly string[])[]) {
  const world = openJobWorld();
  const held: (() => void)[] = [];
  const asked: string[] = [];
  world.provider = async (call) => {
    asked.push((JSON.parse(call.text) as { input: string }).input);
    const { promise, resolve } = Promise.withResolvers<void>();
    held.push(resolve);
    await promise;
    return vectors(call);
  };
  const claim = (name: string): JobPort["claim"] => {
    const { request: _, ...facts } = submission({
      model: "uncached",
      tenant: name.slice(0, 1),
      priority: name.includes("now") ? "interactive" : "normal",
    });
    const lease = { epoch: 1, tries: 1, leaseUntil: T + 30_000, completeBy: T + 60_000, createdAt: T };
    const request = new TextEncoder().encode(JSON.stringify({ model: "uncached", input: name }));
    return async () => ({ kind: "claimed", lease, facts, request });
  };
  const announced: string[] = [];
  const settled: string[] = [];
  const services = {
    ...world.services,
    announce: (id: string) => void announced.push(id),
    jobs: {
      ...world.services.jobs,
      find: (id: string) => {
        const named = world.services.jobs.find(id);
        const name = /^job_(.*?)A*$/.exec(id)?.[1] ?? "";
        return named && { ...named, job: { ...named.job, claim: claim(name) } };
      },
    },
  };
  const batch = messages.map((names, index) => ({
    id: String(index),
    attempts: 1,
    body: { v: 1, jobs: names.map(idOf) },
    ack: () => void settled.push(`${index} acked`),
    retry: () => void settled.push(`${index} retried`),
  }));
  const { release, defer } = world;
  const over = consumeJobs(services, batch, { release, defer });
  const endCalls = () => {
    for (const end of held.splice(0)) end();
    return turns();
  };
  return { world, asked, announced, settled, over, endCalls };
}

const many = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

describe("a delivery of jobs whose calls are slow", () => {
  it("runs another tenant's, and those that somebody waits for, before the rest of one's many", async () => {
    const { asked, settled, over, endCalls } = deliver([
      ...many("a", 7).map((name) => [name]),
      ["b1"],
      ["cnow"],
    ]);
    await until(() => asked.length === 5);
    expect(asked).toEqual(many("a", 5));
    await endCalls();
    await until(() => asked.length === 9);
    expect(asked[5]).toBe("cnow");
    expect(asked[6]).toBe("b1");
    await endCalls();
    await over;
    expect(settled).toHaveLength(9);
  });

  it("takes turns of its messages, and gives back after a while what would have to wait", async () => {
    const { world, asked, announced, settled, over, endCalls } = deliver([many("a", 30), ["b1"]]);
    await until(() => asked.length === 5);
    expect(asked).toContain("b1");
    world.clock += 1000;
    await endCalls();
    await until(() => asked.length === 10);
    await endCalls();
    await over;
    expect(asked).toHaveLength(10);
    expect(announced).toHaveLength(21);
    expect(announced).not.toContain(idOf("b1"));
    expect(settled.toSorted()).toEqual(["0 acked", "1 acked"]);
  });
});
