import { describe, expect, it } from "vitest";
import { MAX_ANSWER_BYTES } from "../../../worker/domain/answers/answer-body.ts";
import type { ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { attemptTarget } from "../../../worker/flows/targets/attempt-target.ts";
import { PRESETS } from "../../../worker/contract/config/presets.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import {
  type Asked,
  ask,
  type AskedFor,
  embed,
  openWorld,
  readBody,
  refuse,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const google = createGoogle(() => 0);
const tei = createOpenai(PRESETS.tei);

/** One attempt at a target with this adapter. */
function attempt(world: World, adapter: ProviderAdapter, asked: AskedFor) {
  const call = ask(world, asked);
  const [target] = call.route.targets;
  if (!target) throw new Error("the route has no target");
  return attemptTarget(world.services, { route: call.route, target: { ...target, adapter } }, call);
}

const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
const bodyOf = ({ text }: Asked) => JSON.parse(text) as Record<string, unknown[]>;

/** Vectors that tell the text that they are of. */
function googleVectors(asked: Asked): Response {
  const requests = bodyOf(asked)["requests"] as { content: { parts: { text: string }[] } }[];
  if (requests.length > 100) return refuse(400, "at most 100 requests can be in one batch");
  const numberOf = ({ content }: (typeof requests)[number]) => Number(content.parts[0]?.text.slice(5));
  return Response.json({
    embeddings: requests.map((request) => ({ values: [numberOf(request)] })),
    usageMetadata: { promptTokenCount: requests.length },
  });
}

interface Vectors {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[];
  readonly usage?: object;
}

const read = async <T>(attempted: ReturnType<typeof attempt>): Promise<T> =>
  JSON.parse((await readBody(valueOf(await attempted))).text) as T;

describe("a request with more inputs than one call takes", () => {
  it("is sent in several calls, and answered as one, with what all of them used", async () => {
    const world = openWorld();
    world.provider = googleVectors;
    const { data, usage } = await read<Vectors>(attempt(world, google, embed(texts(250))));
    expect(world.asked.map((asked) => bodyOf(asked)["requests"]?.length)).toEqual([100, 100, 50]);
    expect(data.map(({ index }) => index)).toEqual(texts(250).map((_, index) => index));
    expect(data.map(({ embedding: [number] }) => number)).toEqual(texts(250).map((_, index) => index));
    expect(usage).toMatchObject({ prompt_tokens: 250, total_tokens: 250 });
    expect(world.attempts()).toMatchObject([{ usage: { prompt_tokens: 250 }, complete: true }]);
  });

  it("is one call where one is enough, and tokens are one input", async () => {
    const world = openWorld();
    world.provider = googleVectors;
    await read(attempt(world, google, embed(texts(100))));
    expect(world.asked).toHaveLength(1);
    world.provider = () => Response.json({ data: [{ index: 0, embedding: [1] }] });
    const tokens = Array.from({ length: 40 }, () => 7);
    await read(attempt(world, tei, ["embeddings", { model: "uncached", input: tokens }]));
    expect(world.asked).toHaveLength(2);
  });

  it("fails with the first call that fails, and makes no more", async () => {
    const world = openWorld();
    world.provider = (asked) => (world.asked.length === 2 ? refuse(429) : googleVectors(asked));
    const failed = errorOf(await attempt(world, google, embed(texts(250))));
    expect(failed.error.code).toBe("rate_limited");
    expect(world.asked).toHaveLength(2);
  });

  it("tells what the calls before the failed one used and cost, and what that one says of itself", async () => {
    const world = openWorld();
    // 100 and 100 texts at a token each, a dollar a token; the third call answers too little, and is billed.
    const short = () => Response.json({ embeddings: [], usageMetadata: { promptTokenCount: 50 } });
    world.provider = (asked) => (world.asked.length === 3 ? short() : googleVectors(asked));
    await attempt(world, google, embed(texts(250)));
    expect(world.attempts()).toMatchObject([
      { error: "upstream_invalid_response", usage: { prompt_tokens: 250 }, costUsd: 250, complete: false },
    ]);
  });

  it("tells nothing of its use where the first call is refused", async () => {
    const world = openWorld();
    world.provider = () => refuse(429);
    await attempt(world, google, embed(texts(250)));
    expect(world.attempts()).toMatchObject([{ usage: null, costUsd: undefined }]);
  });

  it(
    "fails where its answers are together larger than an answer may be, and asks for no more",
    { timeout: 30_000 },
    async () => {
      const world = openWorld();
      const pad = "x".repeat(0.4 * MAX_ANSWER_BYTES);
      const data = texts(32).map((_, index) => ({ index, embedding: [1] }));
      world.provider = () => Response.json({ data, pad });
      const failed = errorOf(await attempt(world, tei, embed(texts(32 * 5))));
      expect(failed.error).toMatchObject({ code: "upstream_invalid_response" });
      expect(failed.spent).toMatchObject({ usage: { estimated: true } });
      expect(world.asked).toHaveLength(3);
    },
  );

  it("says nothing of its usage where a part does not, so that it is estimated", async () => {
    const world = openWorld();
    world.provider = (asked) => {
      const embeddings = bodyOf(asked)["requests"]?.map(() => ({ values: [1] }));
      return Response.json({ embeddings });
    };
    const answer = await read<Vectors>(attempt(world, google, embed(texts(101))));
    expect(answer).not.toHaveProperty("usage");
    expect(world.attempts()[0]?.usage).toMatchObject({ estimated: true });
  });

  it("ranks documents among all of them, the best first", async () => {
    const world = openWorld();
    world.provider = (asked) => {
      const scores = bodyOf(asked)["texts"]?.map((text, index) => ({
        index,
        score: Number(String(text).slice(5)) / 100,
      }));
      return Response.json(scores);
    };
    const documents = texts(70);
    const body = { model: "uncached", query: "q", documents, top_n: 2, return_documents: true };
    const call = { ...ask(world, embed()), task: "rerank" as const, body };
    const [target] = call.route.targets;
    if (!target) throw new Error("the route has no target");
    const ranked = attemptTarget(
      world.services,
      { route: call.route, target: { ...target, adapter: tei } },
      call,
    );
    expect(await read(ranked)).toMatchObject({
      results: [
        { index: 69, relevance_score: 0.69, document: { text: "text 69" } },
        { index: 68, relevance_score: 0.68, document: { text: "text 68" } },
      ],
    });
    expect(world.asked).toHaveLength(3);
  });
});
