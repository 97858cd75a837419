import { describe, expect, it } from "vitest";
import type { PieceGenerator } from "../../../worker/domain/answers/answer-body.ts";
import { settleFree } from "../../../worker/domain/money/settle.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import type { InferenceCall } from "../../../worker/flows/call.ts";
import { keepItems, recallItems } from "../../../worker/flows/inference/kept-items.ts";
import type { InferenceOutcome } from "../../../worker/flows/inference/outcome.ts";
import { createMemoryTier } from "../../../worker/platform/cache-tiers.ts";
import { createTieredCache } from "../../../worker/platform/tiered-cache.ts";

const ITEM = { id: "msg_abc_0", type: "message", role: "assistant", content: [] };
const RESPONSE = { id: "resp_abc", store: false, output: [ITEM] };
const reference = { type: "item_reference", id: "msg_abc_0" };
const LARGE = "x".repeat(250_000);
const encode = (text: string) => new TextEncoder().encode(text);

/** A gateway's cache, and what one tenant's requests and answers do with it. */
function open() {
  let now = 1_000_000;
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const services = {
    cache: createTieredCache([{ ...createMemoryTier(1e6), name: "colo" }], log),
    now: () => now,
  };
  const work: Promise<unknown>[] = [];
  const keep = async (body: InferenceOutcome["body"], asked: object = {}, task = "responses") => {
    const call = {
      task,
      body: { model: "chat", input: "x", ...asked },
      caller: { tenant: "a" },
      defer: (done: Promise<unknown>) => work.push(done),
    };
    const outcome = { route: "chat", target: "t", attempts: [], body } as unknown as InferenceOutcome;
    const sent = keepItems(services, call as unknown as InferenceCall, outcome).body;
    if (sent.form === "events")
      for (let step = await sent.pieces.next(); !step.done; step = await sent.pieces.next());
    await Promise.all(work);
  };
  const recallAll = async (input: unknown, tenant = "a", task = "responses") => {
    const call = { task, body: { model: "chat", input }, caller: { tenant } } as unknown as InferenceCall;
    return ((await recallItems(services, call)).body as { readonly input: readonly unknown[] }).input;
  };
  const recall = async (item: object, tenant?: string) => (await recallAll([{ ...item }], tenant))[0];
  return { keep, recall, recallAll, wait: (ms: number) => (now += ms) };
}

const json = (response: object): InferenceOutcome["body"] => ({
  form: "json",
  bytes: encode(JSON.stringify(response)),
  settlement: settleFree(null, true),
});

function events(response: object, complete = true): InferenceOutcome["body"] {
  async function* send(): PieceGenerator {
    const event = (type: string) => `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`;
    for (const text of [event("response.created"), event("response.completed")]) {
      yield { bytes: encode(text), usageOnly: false, deltas: 0 };
    }
    return complete ? ok(null) : err({ code: "upstream_error" });
  }
  return { form: "events", pieces: send(), settlement: Promise.resolve(settleFree(null, true)) };
}

describe("the items of an answer", () => {
  it("take the place of references to them, of a whole answer and of a stream", async () => {
    for (const body of [json(RESPONSE), events(RESPONSE)]) {
      const { keep, recall } = open();
      await keep(body);
      expect(await recall(reference)).toEqual(ITEM);
      expect(await recall({ ...reference, id: "msg_abc_1" })).toEqual({ ...reference, id: "msg_abc_1" });
    }
  });

  it("are one tenant's, for an hour", async () => {
    const { keep, recall, wait } = open();
    await keep(json(RESPONSE));
    expect(await recall(reference, "b")).toEqual(reference);
    wait(3_599_000);
    expect(await recall(reference)).toEqual(ITEM);
    wait(2000);
    expect(await recall(reference)).toEqual(reference);
  });

  it("are looked up for as many answers as a conversation has, and no more", async () => {
    const { keep, recallAll } = open();
    const refer = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...reference, id: `msg_other${at}_0` }));
    await keep(json(RESPONSE));
    expect((await recallAll([...refer(99), reference])).at(-1)).toEqual(ITEM);
    expect((await recallAll([...refer(100), reference])).at(-1)).toEqual(reference);
    expect(await recallAll([reference], "a", "chat")).toEqual([reference]);
  });

  it.each<[string, (kept: ReturnType<typeof open>) => Promise<void>]>([
    ["they are too large", ({ keep }) => keep(json({ ...RESPONSE, output: [{ ...ITEM, text: LARGE }] }))],
    ["the client says so", ({ keep }) => keep(json(RESPONSE), { store: false })],
    ["another server keeps them", ({ keep }) => keep(json({ ...RESPONSE, store: true }))],
    ["the answer is of another task", ({ keep }) => keep(json(RESPONSE), {}, "messages")],
    ["the stream broke", ({ keep }) => keep(events(RESPONSE, false))],
    ["the answer is none", ({ keep }) => keep(json({ store: false }))],
  ])("are not kept where %s", async (_, act) => {
    const kept = open();
    await act(kept);
    expect(await kept.recall(reference)).toEqual(reference);
  });

  it("are not kept where only a second tells their answer from others", async () => {
    const { keep, recall } = open();
    const id = "msg_1700000000_0";
    await keep(json({ ...RESPONSE, output: [{ ...ITEM, id }] }));
    expect(await recall({ ...reference, id })).toEqual({ ...reference, id });
  });
});
