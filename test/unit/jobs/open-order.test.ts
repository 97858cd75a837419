import { describe, expect, it } from "vitest";
import { openOrder, reopenOrder } from "../../../worker/flows/jobs/open-order.ts";
import { findSeat } from "../../../worker/flows/windows/enter-job-window.ts";
import { ask, embed } from "../flow-services.ts";
import { type JobWorld, openJobWorld } from "../job-services.ts";
import { valueOf } from "../unwrap-result.ts";

type Headers = Readonly<Record<string, string>>;

/** The order that a request with these headers makes. */
async function order(world: JobWorld, headers: Headers, model = "titled", key: string | null = null) {
  const readHeader = (name: string) => headers[name] ?? null;
  const call = ask(world, embed("one", model), { readHeader });
  const input = { model, input: "one" };
  const asked = { key, cacheControl: null, path: "/v1/embeddings", whole: input, input };
  return valueOf(await openOrder(world.services, call, asked));
}

describe("an order of a request with headers", () => {
  it("keeps those that its targets take, also where it is made again", async () => {
    const world = openJobWorld();
    const headers = { "x-title": "T", authorization: "Bearer hr", "x-other": "o" };
    const { submission, call } = await order(world, headers);
    expect(submission.clientHeaders).toEqual({ "x-title": "T" });
    const { request, ...facts } = submission;
    const again = await reopenOrder(call, { id: "job_1", key: null, facts, request });
    expect(valueOf(again).submission.clientHeaders).toEqual({ "x-title": "T" });
    expect((await order(world, headers, "uncached")).submission.clientHeaders).toEqual({});
  });

  it("is another than without them where they ask for another answer, and the same where they do not", async () => {
    const world = openJobWorld();
    const prints = await Promise.all(
      [{}, { "x-title": "T" }, { "x-anthropic-beta": "a" }, { "x-anthropic-beta": "b" }].map(
        async (headers: Headers) => (await order(world, headers)).submission.fingerprint,
      ),
    );
    expect(prints[0]).toBe(prints[1]);
    expect(new Set(prints).size).toBe(3);
  });

  it("has no seat in a window where they ask for another answer", async () => {
    const world = openJobWorld();
    const seatWith = async (headers: Headers) =>
      findSeat(world.services, await order(world, headers), "job_1");
    expect(await seatWith({ "x-title": "T" })).toMatchObject({ entry: { job: "job_1" } });
    expect(await seatWith({ "x-anthropic-beta": "a" })).toBeUndefined();
  });
});
