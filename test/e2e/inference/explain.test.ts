import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../../worker/domain/cache/cache-key.ts";
import { type ExplainedPlan, explainedPlan } from "../../../worker/contract/explain.ts";
import { readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const CALLER_KEY = "hr_test_explainexplainexplainexplain";

async function explain(body: object, headers: Record<string, string> = {}): Promise<ExplainedPlan> {
  const response = await app.post("/v1/explain", body, headers);
  expect(response.status).toBe(200);
  const plan: unknown = await response.json();
  expect(explainedPlan.safeParse(plan)).toMatchObject({ success: true });
  return plan as ExplainedPlan;
}
const labelsOf = ({ targets }: ExplainedPlan) => targets.map(({ target }) => target);
async function addKey(key: string, tenant: string): Promise<void> {
  const record = { tenant, name: "explains", createdAt: "2026-01-01T00:00:00Z" };
  await app.kv.put(`key:${await sha256Hex(key)}`, JSON.stringify(record));
}
const asked = async () => [...(await app.primary.requests()), ...(await app.secondary.requests())];

describe("POST /v1/explain", () => {
  it("tells what would be done with a request, and calls nobody", async () => {
    const plan = await explain({ model: "steady", messages: says("of it ".repeat(100)), max_tokens: 100 });
    expect(plan).toMatchObject({
      object: "plan",
      task: "chat",
      route: "steady",
      strategy: "fallback",
      release: expect.stringMatching(/^[0-9a-f]{12}$/),
      cache: { lookup: false, store: false },
      skipped: [],
      missing: [],
      refusal: null,
    });
    expect(labelsOf(plan)).toEqual(["targets[0]=primary/big", "targets[1]=secondary/small"]);
    const [first] = plan.targets;
    expect(first).toMatchObject({ provider: "primary", model: "big", context_window: null });
    expect(first?.health).toEqual({ breaker: "closed", retry_after_ms: null, latency: null });
    // 10 USD a million of some 160 tokens, and 30 of the 100 asked for.
    expect(first?.estimated_cost_usd).toBeCloseTo((plan.input_tokens * 10 + 100 * 30) / 1e6, 9);
    expect(plan.input_tokens).toBeGreaterThan(140);
    expect(await asked()).toEqual([]);
  });

  it("takes a request of any task as it is, or with its task and labels as jobs have it", async () => {
    const tasks: readonly [body: object, task: string][] = [
      [{ model: "embed", input: "x" }, "embeddings"],
      [{ model: "chat", input: "x" }, "responses"],
      [{ model: "rerank", query: "q", documents: ["a"] }, "rerank"],
      [{ model: "sentiment", input: "x" }, "classify"],
      [{ model: "moderate", input: "x" }, "moderations"],
      [{ model: "draw", prompt: "x" }, "images"],
      [{ model: "voice", input: "x" }, "speech"],
      [{ task: "embeddings", input: { model: "primary/any", input: "x" } }, "embeddings"],
      [{ input: { model: "chat", messages: says("x") }, webhook: { url: "https://a" } }, "chat"],
      [{ task: "messages", input: { model: "chat", max_tokens: 5, messages: says("x") } }, "messages"],
    ];
    for (const [body, task] of tasks) expect(await explain(body)).toMatchObject({ task, refusal: null });
    const labelled = {
      task: "chat",
      input: { model: "sorted", messages: says("x") },
      metadata: { team: "search" },
    };
    expect(labelsOf(await explain(labelled))).toEqual(["targets[0]=primary/big"]);
    expect(await asked()).toEqual([]);
  });

  it("agrees with what the request then gets", async () => {
    const body = { model: "sorted", messages: says("x") };
    for (const headers of [{ "x-headrace-metadata": '{"team":"search"}' }, {}] as Record<string, string>[]) {
      const plan = await explain(body, headers);
      const response = await app.chat(body, headers);
      expect(response.headers.get("x-headrace-target")).toBe(labelsOf(plan)[0] ?? null);
      if (response.status !== 200)
        expect(plan.refusal).toMatchObject({ code: (await readError(response)).code });
    }
  });

  it("says why each other target is left out, and shows conditions to the operator alone", async () => {
    const plan = await explain({ model: "sorted", messages: says("x") });
    expect(plan.targets).toEqual([]);
    expect(plan.refusal?.code).toBe("model_input_invalid");
    expect(plan.skipped).toEqual([
      {
        target: "targets[0]=primary/big",
        why: "its condition could not be told: No such key: team",
        condition: "metadata.team == 'search'",
      },
      {
        target: "targets[1]=secondary/small",
        why: "its condition could not be told: No such key: tools",
        condition: "size(request.tools) > 0 || tokens > 1000",
      },
    ]);
    await addKey(CALLER_KEY, "globex");
    const closed = { model: "closed", messages: says("x") };
    expect((await explain(closed)).skipped).toMatchObject([{ condition: "tenant == 'globex'" }]);
    const theirs = await explain(closed, { authorization: `Bearer ${CALLER_KEY}` });
    expect(labelsOf(theirs)).toEqual(["targets[0]=primary/big"]);
    const other = await explain(
      { model: "sorted", messages: says("x"), tools: [] },
      { authorization: `Bearer ${CALLER_KEY}` },
    );
    expect(JSON.stringify(other)).not.toContain("tokens > 1000");
    expect(other.skipped).toHaveLength(2);
  });

  it("tells of the cache, of context windows, and of what is not set up", async () => {
    expect((await explain({ model: "chat", messages: says("x"), temperature: 0 })).cache).toEqual({
      lookup: true,
      store: true,
    });
    const uncached = { model: "chat", messages: says("x"), temperature: 0 };
    expect((await explain(uncached, { "cache-control": "no-cache" })).cache.lookup).toBe(false);
    const long = await explain({ model: "windowed", messages: says("of it ".repeat(2000)) });
    expect(long.skipped).toEqual([
      { target: "targets[0]=primary/big", why: "the request is too long for its window of 1000 tokens" },
    ]);
    expect((await explain({ model: "half-set", messages: says("x") })).missing).toHaveLength(1);
  });

  it("tells of a target that is taken out of use, as /ready does, and it gets no request", async () => {
    const body = { model: "half-drained", messages: says("x") };
    const drained = { target: "targets[0]=primary/big", why: "is taken out of use" };
    expect(await explain(body)).toMatchObject({ targets: [{ provider: "secondary" }], skipped: [drained] });
    expect((await app.chat(body)).headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(await app.primary.requests()).toEqual([]);
    const { routes } = (await (await fetch(`${app.gateway.url}/ready`)).json()) as {
      routes: readonly { readonly name: string }[];
    };
    expect(routes.find(({ name }) => name === "half-drained")).toMatchObject({
      status: "ready",
      failing: [`${drained.target} ${drained.why}`],
    });
  });

  it("refuses what the request itself would be refused for, and what it cannot know the task of", async () => {
    const refused: readonly [body: unknown, status: number, code: string, param: string | null][] = [
      [{ model: "nobody", messages: says("x") }, 404, "model_not_found", "model"],
      [
        { task: "chat", input: { model: "nobody", messages: says("x") } },
        404,
        "model_not_found",
        "input.model",
      ],
      [{ model: "chat", messages: [] }, 400, "invalid_request", "messages"],
      [{ task: "chat", input: { model: "chat" } }, 400, "invalid_request", "input.messages"],
      [{ model: "primary/any", input: "x" }, 400, "invalid_request", "task"],
      [{ model: "whisper", file: "x" }, 400, "invalid_request", "task"],
      [{ task: "poems", input: { model: "chat" } }, 400, "invalid_request", "task"],
      [[], 400, "invalid_request", null],
      ["{", 400, "invalid_json", null],
    ];
    for (const [body, status, code, param] of refused) {
      const response = await app.post("/v1/explain", body);
      expect([body, response.status]).toEqual([body, status]);
      expect(await readError(response)).toMatchObject({ code, param });
    }
  });

  it("knows how targets have been: how long they took, and which keep failing", async () => {
    const body = { model: "known", messages: says("x") };
    await (await app.chat(body)).text();
    const [before] = (await explain(body)).targets;
    expect(before).toMatchObject({
      provider: "guarded",
      health: { breaker: "closed", retry_after_ms: null },
    });
    expect(before?.health.latency?.samples).toBeGreaterThan(0);
    await app.primary.breakDown({ kind: "status", status: 503, headers: { "retry-after": "120" } });
    await (await app.chat(body)).text();
    const calls = (await asked()).length;
    const { targets, skipped } = await explain(body);
    expect(targets.map(({ target }) => target)).toEqual(["targets[1]=secondary/small"]);
    expect(skipped).toEqual([
      {
        target: "targets[0]=guarded/well-known",
        why: expect.stringMatching(/^keeps failing: it is called again in \d+ s$/),
      },
    ]);
    const alone = await explain({ model: "guarded/well-known", messages: says("x") });
    expect(alone.targets[0]?.health).toMatchObject({ breaker: "open", retry_after_ms: expect.any(Number) });
    expect(await asked()).toHaveLength(calls);
  });
});
