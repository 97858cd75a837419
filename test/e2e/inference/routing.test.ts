import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { FakeProvider } from "../../helpers/fake-provider-client.ts";
import { findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const targetOf = (response: Response) => response.headers.get("x-headrace-target");
const bodyOf = async (provider: FakeProvider) =>
  (await provider.requests()).at(-1)?.body as Record<string, unknown>;

/** Enough that they would all begin at one target once in a hundred choices of hash. */
const TOPICS =
  "bees ants wasps moths flies gnats mites lice owls elks newts toads carps crabs pines oaks".split(" ");

/** A conversation that is long enough for a provider to keep. */
const conversation = (about: string, turns: number) => [
  { role: "system", content: "Be brief and precise in all that you say. ".repeat(150) },
  { role: "user", content: `Tell me of ${about}.` },
  ...Array.from({ length: turns }, (_, at) => [
    { role: "assistant", content: `Part ${at}.` },
    { role: "user", content: "Go on." },
  ]).flat(),
];

describe("a weighted route", () => {
  it("shares out requests by weight, and goes on with the other target where one fails", async () => {
    const ask = () => app.chat({ model: "shares", messages: says("Hi") });
    for (let n = 0; n < 40; n++) expect((await ask()).status).toBe(200);
    const [most, least] = [await app.primary.requests(), await app.secondary.requests()].map(
      ({ length }) => length,
    );
    // 30 and 10 on average: less than 18 or more than 39 comes once in more than 10,000 runs.
    expect(most).toBeGreaterThan(17);
    expect(least).toBeGreaterThan(0);
    await app.primary.breakDown({ kind: "status", status: 503 });
    for (let n = 0; n < 5; n++) expect(targetOf(await ask())).toContain("secondary");
  });

  it("keeps each conversation where it began, in every API, and spreads them all the same", async () => {
    const homes = new Set<string | null>();
    for (const about of TOPICS) {
      const home = targetOf(await app.chat({ model: "shares", messages: conversation(about, 0) }));
      homes.add(home);
      for (const turns of [1, 2])
        expect(targetOf(await app.chat({ model: "shares", messages: conversation(about, turns) }))).toBe(
          home,
        );
      const [system, ...messages] = conversation(about, 3);
      const marked = [{ type: "text", text: system?.content, cache_control: { type: "ephemeral" } }];
      const asMessages = { model: "shares", max_tokens: 9, system: marked, messages };
      expect(targetOf(await app.post("/v1/messages", asMessages))).toBe(home);
    }
    expect(homes.size).toBe(2);
  });

  it("leaves what asks for a provider's cache as it is", async () => {
    const marked = {
      role: "user",
      content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }],
    };
    const asked = {
      model: "uncached",
      messages: [marked],
      prompt_cache_key: "k-1",
      prompt_cache_retention: "24h",
    };
    expect((await app.chat(asked)).status).toBe(200);
    const { messages, ...rest } = await bodyOf(app.primary);
    expect(messages).toEqual([marked]);
    expect(rest).toMatchObject({ prompt_cache_key: "k-1", prompt_cache_retention: "24h" });
  });

  it("tells how many tokens its provider had in its cache, and what they cost less", async () => {
    const usage = (cached_tokens: number) => ({
      prompt_tokens: 2000,
      completion_tokens: 10,
      total_tokens: 2010,
      prompt_tokens_details: { cached_tokens },
    });
    const choices = [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }];
    const ask = async (cached: number) => {
      await app.primary.reset();
      const answer = JSON.stringify({
        id: "1",
        object: "chat.completion",
        model: "big",
        choices,
        usage: usage(cached),
      });
      const headers = { "content-type": "application/json" };
      await app.primary.fault({ kind: "verbatim", status: 200, headers, parts: [btoa(answer)] });
      return app.chat({ model: "cached-prompts", messages: says("Hi") });
    };
    const [cold, warm] = [await ask(0), await ask(1536)];
    expect(cold.headers.get("x-headrace-prompt-cache")).toBe("0");
    expect(warm.headers.get("x-headrace-prompt-cache")).toBe("1536");
    // Ten dollars a million, or one where they are cached.
    const costOf = (response: Response) => Number(response.headers.get("x-headrace-cost-usd"));
    expect(costOf(cold) - costOf(warm)).toBeCloseTo((1536 * 9) / 1_000_000, 8);
  });

  it("takes a conversation elsewhere while its target fails", async () => {
    const asked = { model: "shares", messages: conversation("bees", 1) };
    const home = targetOf(await app.chat(asked));
    const [broken, other] = home?.includes("primary")
      ? [app.primary, "secondary"]
      : [app.secondary, "primary"];
    await broken.breakDown({ kind: "status", status: 503 });
    expect(targetOf(await app.chat(asked))).toContain(other);
    await broken.breakDown();
    expect(targetOf(await app.chat(asked))).toBe(home);
  });
});

describe("other strategies", () => {
  it("fastest finds the faster target out, and goes there", async () => {
    await app.primary.breakDown({ delayMs: 400 });
    const ask = () => app.chat({ model: "swift", messages: says("Hi") });
    // The first is asked until the other has been heard of, which takes ten requests on average.
    for (let n = 0; n < 150 && !targetOf(await ask())?.includes("secondary"); n++);
    let there = 0;
    for (let n = 0; n < 10; n++) if (targetOf(await ask())?.includes("secondary")) there++;
    expect(there).toBeGreaterThan(6);
  }, 120_000);

  it("cheapest begins with the cheaper target", async () => {
    expect(targetOf(await app.chat({ model: "thrifty", messages: says("Hi") }))).toBe(
      "targets[1]=secondary/small",
    );
  });

  it("a route that is a target has its targets tried, by labels of their own; an alias is the route", async () => {
    const response = await app.chat({ model: "nested", messages: says("Hi") });
    expect(targetOf(response)).toBe("targets[0].targets[0]=primary/big");
    const aliased = await app.chat({ model: "gpt-4", messages: says("Hi") });
    expect(aliased.headers.get("x-headrace-route")).toBe("uncached");
  });
});

describe("priority", () => {
  const ask = (priority?: string, more: object = {}) =>
    app.chat(
      { model: "tiered", messages: says("Hi"), service_tier: "auto", ...more },
      priority === undefined ? {} : { "x-headrace-priority": priority },
    );

  it("sends economy work to the cheap tier, and tells what that saved", async () => {
    const response = await ask("economy");
    expect(targetOf(response)).toContain("secondary");
    expect(await bodyOf(app.secondary)).toMatchObject({ service_tier: "flex" });
    const costUsd = Number(response.headers.get("x-headrace-cost-usd"));
    expect(Number(response.headers.get("x-headrace-saved-usd"))).toBeCloseTo(9 * costUsd, 7);
    const fact = await findFact(app.gateway, "answer", response.headers.get("x-request-id") ?? "");
    expect((fact as { savedUsd?: number }).savedUsd).toBeCloseTo(9 * costUsd, 7);
    expect(response.headers.get("x-headrace-prompt-cache")).toBe("0");
  });

  it("sends all other work to the fast one, as it was asked", async () => {
    for (const priority of ["interactive", "normal", undefined]) {
      const response = await ask(priority);
      expect(targetOf(response)).toContain("primary");
      expect(await bodyOf(app.primary)).toMatchObject({ service_tier: "auto" });
      expect(response.headers.get("x-headrace-saved-usd")).toBeNull();
    }
  });

  it("falls back up the list, before its deadline", async () => {
    await app.secondary.breakDown({ kind: "status", status: 429 });
    expect(targetOf(await ask("economy"))).toContain("primary");
    await app.secondary.breakDown({ delayMs: 20_000 });
    const late = await app.chat(
      { model: "tiered", messages: says("Hi") },
      { "x-headrace-priority": "economy", "x-headrace-timeout-ms": "4000" },
    );
    expect([late.status, targetOf(late)]).toEqual([200, "targets[0]=primary/big"]);
  });

  it("is that of a job, which says what it saved", async () => {
    const input = { model: "tiered", messages: says("Hi") };
    const created = await app.post(
      "/v1/jobs",
      { task: "chat", input, priority: "economy" },
      { prefer: "wait=20" },
    );
    const job = (await created.json()) as { status: string; cost_usd: number; saved_usd: number };
    expect(job.status).toBe("succeeded");
    expect(job.saved_usd).toBeCloseTo(9 * job.cost_usd, 7);
  });

  it("may be none but these", async () => {
    const response = await ask("urgent");
    expect(response.status).toBe(400);
    expect(await readError(response)).toMatchObject({ param: "x-headrace-priority" });
  });
});

describe("regions", () => {
  const keyOf = async (tenant: string) => {
    const key = `hr_test_${tenant.padEnd(32, "0")}`;
    const digest = createHash("sha256").update(key).digest("hex");
    await app.kv.put(
      `key:${digest}`,
      JSON.stringify({ tenant, name: tenant, createdAt: "2026-12-01T00:00:00Z" }),
    );
    return { authorization: `Bearer ${key}` };
  };
  const ask = (headers: Record<string, string> = {}) =>
    app.chat({ model: "regional", messages: says("Hi") }, headers);

  it("keep a tenant's requests in its jurisdiction, even where nothing there answers", async () => {
    const headers = await keyOf("bound");
    expect(targetOf(await ask(headers))).toContain("secondary");
    await app.secondary.breakDown({ kind: "status", status: 500 });
    expect((await ask(headers)).status).toBe(502);
    expect(await app.primary.requests()).toEqual([]);
    expect((await readError(await ask(await keyOf("stranded")))).code).toBe("not_configured");
  });
});
