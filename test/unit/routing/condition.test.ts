import { describe, expect, it } from "vitest";
import { type ConditionScope, parseCondition } from "../../../worker/domain/routing/condition.ts";
import { ConditionFacts } from "../../../worker/domain/routing/condition-facts.ts";
import type { Planning } from "../../../worker/domain/routing/planning.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { planningOf } from "./targets.ts";

/** A short chat of the tenant acme from Germany, of its team search, at noon. */
const ASKED = {
  body: { model: "chat", messages: [{ role: "user", content: "Hello" }] },
  place: () => ({ continent: "EU", country: "DE" }),
  metadata: { team: "search" },
  now: Date.UTC(2026, 11, 1, 12, 30),
};

const judge = (text: string, planning?: Partial<Omit<Planning, "route">>, contextWindow?: number) => {
  const facts = new ConditionFacts(planningOf([], { ...ASKED, ...planning }));
  facts.readWindow = () => contextWindow;
  return valueOf(parseCondition(text, "target")).judge(facts);
};
const withBody = (body: Record<string, unknown>) => ({ body: { model: "chat", ...body } });

describe("a condition", () => {
  it.each([
    "tenant == 'acme'",
    "continent == 'EU' && country in ['DE', 'FR']",
    "metadata.team == 'search'",
    "hour >= 8 && hour < 18",
    "task == 'chat' && priority != 'economy'",
    "!has(request.tools)",
    "tokens < 100",
    "request.messages.exists(m, m.role == 'user')",
    "metadata.team.startsWith('sea') || false",
  ])("is true: %s", (text) => {
    expect(judge(text)).toEqual({ isTrue: true });
  });

  it("reads a request's parameters by the names of the chat API, whichever API was asked", () => {
    const isLong = "request.max_tokens > 1000";
    expect(judge(isLong, withBody({ max_tokens: 2000 }))).toEqual({ isTrue: true });
    expect(judge(isLong, withBody({ max_completion_tokens: 2000 }))).toEqual({ isTrue: true });
    expect(judge(isLong, withBody({ max_output_tokens: 2000, input: "Hi" }))).toEqual({ isTrue: true });
    expect(judge(isLong, withBody({ max_tokens: 100 }))).toEqual({ isTrue: false });
    const isStrict = "request.response_format.type == 'json_schema'";
    expect(judge(isStrict, withBody({ response_format: { type: "json_schema" } })).isTrue).toBe(true);
    expect(judge(isStrict, withBody({ text: { format: { type: "json_schema" } } })).isTrue).toBe(true);
  });

  it("takes what is null for absent", () => {
    expect(judge("has(request.tools)", withBody({ tools: null }))).toEqual({ isTrue: false });
    expect(judge("has(request.tools)", withBody({ tools: [] }))).toEqual({ isTrue: true });
    expect(judge("size(request.tools) > 0", withBody({ tools: [{ type: "function" }] }))).toEqual({
      isTrue: true,
    });
  });

  it("compares and adds the numbers of JSON with whole ones", () => {
    const body = withBody({ max_tokens: 1000, temperature: 0, top_p: 0.5, n: 1 });
    for (const text of [
      "request.temperature == 0",
      "request.n in [1, 2]",
      "request.top_p < 1",
      "request.max_tokens + tokens <= contextWindow",
      "tokens * 2 + 1 - 1 < contextWindow / 2.0",
    ]) {
      expect(judge(text, body, 8000)).toEqual({ isTrue: true });
    }
  });

  it("knows what a request has besides text, in each API's form", () => {
    const chat = {
      messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://a" } }] }],
    };
    const messages = {
      messages: [{ role: "user", content: [{ type: "tool_result", content: [{ type: "document" }] }] }],
    };
    const responses = {
      input: [{ type: "message", content: [{ type: "input_image" }, { type: "input_audio" }] }],
    };
    expect(judge("'image' in media", withBody(chat)).isTrue).toBe(true);
    expect(judge("'file' in media && size(media) == 1", withBody(messages)).isTrue).toBe(true);
    expect(judge("'image' in media && 'audio' in media", withBody(responses)).isTrue).toBe(true);
    expect(judge("size(media) == 0").isTrue).toBe(true);
  });

  it("is not true where it cannot be told, and says why", () => {
    expect(judge("metadata.plan == 'pro'")).toEqual({ isTrue: false, error: "No such key: plan" });
    expect(judge("!(metadata.plan == 'pro')")).toEqual({ isTrue: false, error: "No such key: plan" });
    expect(judge("tokens < contextWindow")).toEqual({
      isTrue: false,
      error: "Unknown variable: contextWindow",
    });
    expect(judge("request.stream", withBody({ stream: "yes" })).error).toBe(
      "it gives neither true nor false",
    );
    expect(
      judge("request.messages.all(m, m.content.contains('x'))", withBody({ messages: [{ content: 1 }] })),
    ).toMatchObject({ isTrue: false });
    expect(judge("1 / (hour - hour) == 1").error).toBe("division by zero");
  });

  it("goes on without what is not there where the rest decides", () => {
    expect(judge("metadata.plan == 'pro' || tenant == 'acme'")).toEqual({ isTrue: true });
    expect(judge("has(metadata.plan) && metadata.plan == 'pro'")).toEqual({ isTrue: false });
  });

  it("finds nothing in what every object has, nor in what a client named so", () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true},"constructor":1}') as Record<string, unknown>;
    for (const text of ["request.toString == 1", "metadata.constructor == 'x'", "has(request.polluted)"]) {
      expect(judge(text, withBody(hostile)).isTrue).toBe(false);
    }
    expect(judge("request.constructor == 1", withBody(hostile)).isTrue).toBe(true);
  });

  it("works out only what it reads", () => {
    const place = () => {
      throw new Error("read");
    };
    const unread = { place, body: undefined } as const;
    expect(judge("tenant == 'acme' || continent == 'EU'", unread)).toEqual({ isTrue: true });
    expect(judge("continent == 'EU'", unread).isTrue).toBe(false);
  });

  it("knows no place and no fields of what the gateway has not read", () => {
    const upload = { task: "transcriptions", body: undefined, place: () => undefined } as const;
    expect(judge("continent == '' && country == '' && tokens < 10", upload)).toEqual({ isTrue: true });
  });
});

describe("a wrong condition", () => {
  const wrong = (text: string, scope: ConditionScope = "target") => errorOf(parseCondition(text, scope));

  it("is shown with its line, its column and a mark", () => {
    expect(wrong("tokens >")).toBe("line 1, column 9: Unexpected token: EOF\ntokens >\n        ^");
    expect(wrong("tokens > 5 &&\n  tokens > 'a'")).toBe(
      "line 2, column 3: no such overload: int > string\n  tokens > 'a'\n  ^^^^^^^^^^^^",
    );
  });

  it("is told which names there are", () => {
    expect(wrong("token > 5")).toMatch(
      /^line 1, column 1: Unknown variable: token; there are: request, .*contextWindow\n/,
    );
    expect(wrong("contextWindow > 5", "route")).toMatch(
      /Unknown variable: contextWindow; there are: .*hour\n/,
    );
  });

  it("is one that gives no truth", () => {
    expect(wrong("tokens + 1")).toMatch(/^line 1, column 1: it gives int, not true or false/);
  });

  it.each([
    ["continent.matches('E.*')", "matches may take for ever"],
    ["request.messages.all(m, m.content.matches('(a+)+$'))", "matches may take for ever"],
    ["[continent.matches('E')][0]", "matches may take for ever"],
    ["{'a': continent.matches('E')}.a", "matches may take for ever"],
    ["true ? continent.matches('E') : false", "matches may take for ever"],
    ["size(tenant.split('')) > 3", "split is not for conditions; there are: has"],
    ["size(request.messages.map(m, m)) > 0", "map is not for conditions"],
    ["request.messages.all(m, m.content.exists(c, c == 'x'))", "exists in another loop"],
    ["request.messages.all(m, m in request.messages)", "request is not for loops"],
    ["timestamp(metadata.at).getHours('Europe/Berlin') > 5", "getHours is not for conditions"],
  ])("is one that could take long: %s", (text, why) => {
    expect(wrong(text)).toContain(why);
  });

  it.each([
    ["deep", "(".repeat(30) + "true" + ")".repeat(30), "Exceeded maxDepth (20)"],
    ["long", `tokens > 1${" || tokens > 1".repeat(100)}`, "Exceeded maxAstNodes (200)"],
    ["of a long list", `tokens in [${"1,".repeat(70)}1]`, "Exceeded maxListElements (64)"],
  ])("is one that is too %s", (_, text, why) => {
    expect(wrong(text)).toContain(why);
  });
});
