/**
 * What the built SDK must do in every runtime, against a gateway on a real port. It imports nothing
 * but types and its own assertion, so the same file runs in Node, in a Worker and in a page; whoever
 * runs it stages the faults of a case before, and checks what the provider saw after.
 */
import type * as Sdk from "../../sdk/index.ts";
import { expectMatch } from "./expect-match.ts";
import { jobSuite } from "./job-suite.ts";
import { connect, failureOf, says } from "./suite-case.ts";
import type { SuiteCase, SuiteContext, SuiteTarget } from "./suite-case.ts";

export type { SuiteTarget };

const textOf = (chunk: Sdk.ChatCompletionChunk): string => chunk.choices[0]?.delta.content ?? "";

const callSuite: Readonly<Record<string, SuiteCase>> = {
  "embeds texts in order": {
    shows: "embeddings",
    run: async (context) => {
      const input = [`${context.run} one`, `${context.run} two`];
      const both = await connect(context).embed({ model: "embed", input });
      expectMatch(
        both.data.map(({ index }) => index),
        [0, 1],
      );
      const second = await connect(context).embed({ model: "embed", input: [input[1] ?? ""] });
      expectMatch(both.data[1]?.embedding, second.data[0]?.embedding);
      expectMatch(both.meta, { status: 200, route: "embed", target: "targets[0]=primary/big", attempts: 1 });
      expectMatch((both.meta.costUsd ?? 0) > 0, true);
      expectMatch(JSON.stringify(both).includes("meta"), false);
    },
  },

  "tells a hit of the cache from a miss": {
    run: async (context) => {
      const params = { model: "words", input: `${context.run} cached` };
      const first = await connect(context).embed(params);
      expectMatch(first.meta.cache, { hit: false, fwd: "miss", stored: true });
      const second = await connect(context).embed(params);
      expectMatch(second.meta.cache, { hit: true, tier: "memory" });
      expectMatch(second.data, first.data);
      expectMatch(typeof second.meta.ageSeconds, "number");
      expectMatch(typeof second.meta.serverTiming["total"], "number");
      const third = await connect(context).embed(params, { cache: "no-cache" });
      expectMatch(third.meta.cache, { hit: false });
    },
  },

  "reranks documents": {
    shows: "rerank",
    run: async (context) => {
      const documents = ["The moon is far.", "Water drives the wheel.", context.run];
      const params = { model: "rerank-words", query: "water wheel", documents, top_n: 1 };
      expectMatch((await connect(context).rerank(params)).results, [{ index: 1 }]);
    },
  },

  "classifies texts": {
    shows: "classify",
    run: async (context) => {
      const input = ["Guten Morgen allerseits", "Good morning all"];
      const { data } = await connect(context).classify({ model: "language", input });
      expectMatch(data, [{ label: "de" }, { label: "en" }]);
    },
  },

  "lists the models": {
    shows: "models",
    run: async (context) => {
      const { data } = await connect(context).models();
      expectMatch(
        data.some(({ id, task }) => id === "words" && task === "embeddings"),
        true,
      );
    },
  },

  chats: {
    shows: "text",
    run: async (context) => {
      const messages = says(`${context.run} grüßt 🌊`);
      const { choices, usage, meta } = await connect(context).chat({ model: "chat", messages });
      expectMatch(choices[0]?.message.content, `echo: ${context.run} grüßt 🌊`);
      expectMatch(usage, { prompt_tokens: 3, completion_tokens: 4 });
      expectMatch({ retries: meta.retries, hit: meta.cache.hit }, { retries: 0, hit: false });
    },
  },

  "streams a chat, though the provider cuts characters in two": {
    shows: ["streams", "usage"],
    faults: [{ fault: { kind: "split-utf8" } }],
    run: async (context) => {
      const messages = says("über 🌊 und 山");
      const options = { stream: true, stream_options: { include_usage: true } } as const;
      const stream = await connect(context).chat({ model: "chat", messages, ...options });
      expectMatch(stream.meta.target, "targets[0]=primary/big");
      let text = "";
      for await (const chunk of stream) text += textOf(chunk);
      expectMatch(text, "echo: über 🌊 und 山");
      expectMatch(stream.usage, { prompt_tokens: 4, completion_tokens: 5 });
    },
  },

  "ends the provider's call when a stream is aborted": {
    shows: "abort",
    faults: [{ fault: { eventDelayMs: 10 } }],
    aborts: 1,
    run: async (context) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const params = { model: "chat", messages: says("word ".repeat(2000)), stream: true } as const;
      const stream = await connect(context).chat(params, { signal: controller.signal });
      const seen: string[] = [];
      const read = async (): Promise<void> => {
        for await (const chunk of stream) {
          seen.push(textOf(chunk));
          if (seen.length === 3) controller.abort(reason);
        }
      };
      const error = await failureOf(context, read());
      expectMatch({ code: error.code, retryable: error.retryable }, { code: "aborted", retryable: false });
      expectMatch(error.cause === reason, true);
      expectMatch(seen.join(""), "echo: word");
    },
  },

  "ends the provider's call when the loop is left": {
    faults: [{ fault: { eventDelayMs: 10 } }],
    aborts: 1,
    run: async (context) => {
      const params = { model: "chat", messages: says("word ".repeat(2000)), stream: true } as const;
      let text = "";
      for await (const chunk of await connect(context).chat(params)) {
        text += textOf(chunk);
        if (text === "echo: word") break;
      }
      expectMatch(text, "echo: word");
    },
  },

  "throws the gateway's codes, with what finds the request": {
    shows: "errors",
    run: async (context) => {
      const messages = says("x");
      const headers = { "x-request-id": `${context.run}-nobody` };
      const unknown = await failureOf(
        context,
        connect(context, { headers }).chat({ model: "nobody", messages }),
      );
      const expected = { code: "model_not_found", status: 404, param: "model", retryable: false };
      expectMatch(unknown, { ...expected, requestId: `${context.run}-nobody` });
      const apiKey = `hr_test_${"x".repeat(24)}`;
      const refused = await failureOf(context, connect(context, { apiKey }).models());
      expectMatch(refused, { code: "unauthenticated", status: 401, retryable: false });
      expectMatch(refused.message.includes(apiKey), false);
      const unset = await failureOf(
        context,
        connect(context, { maxRetries: 2 }).chat({ model: "unset", messages }),
      );
      expectMatch(unset, { code: "not_configured", status: 503, retryable: false });
    },
  },

  "tells how long to wait": {
    faults: [{ fault: { kind: "status", status: 429, headers: { "retry-after": "7" } } }],
    run: async (context) => {
      const call = connect(context).embed({ model: "embed", input: `${context.run} limited` });
      const expected = { code: "rate_limited", status: 429, retryable: true, retryAfterMs: 7000 };
      expectMatch(await failureOf(context, call), expected);
    },
  },

  "repeats after a failure that passes, with a new token": {
    shows: "retries",
    faults: [{ times: 1, fault: { kind: "status", status: 503, headers: { "retry-after": "0" } } }],
    run: async (context) => {
      const { sdk, baseURL, apiKey } = context;
      let asked = 0;
      const token = async (): Promise<string> => {
        asked += 1;
        return apiKey;
      };
      const client = new sdk.Headrace({ baseURL, token });
      const { meta } = await client.embed({ model: "embed", input: `${context.run} again` });
      expectMatch({ retries: meta.retries, asked }, { retries: 1, asked: 2 });
    },
  },

  "gives up when the time is over": {
    faults: [{ fault: { kind: "hang" } }],
    run: async (context) => {
      const call = connect(context).chat({ model: "chat", messages: says("x") }, { timeoutMs: 100 });
      expectMatch(await failureOf(context, call), { code: "timeout", retryable: true });
    },
  },

  "never takes a stream that broke for a whole one": {
    shows: "broken streams",
    faults: [{ fault: { kind: "cut", after: 2 } }],
    run: async (context) => {
      const params = { model: "chat", messages: says("a b c"), stream: true } as const;
      const stream = await connect(context).chat(params);
      const error = await failureOf(context, stream.text());
      expectMatch({ status: error.status, retryable: error.retryable }, { retryable: true });
      expectMatch(error.requestId, stream.meta.requestId);
    },
  },

  "tells a server that is not there from one that answers": {
    run: async (context) => {
      const nowhere = connect(context, { baseURL: "http://127.0.0.1:9" });
      expectMatch(await failureOf(context, nowhere.models()), { code: "connection_error", retryable: true });
    },
  },
};

export const suite: Readonly<Record<string, SuiteCase>> = { ...callSuite, ...jobSuite };

/** Runs one case; gives nothing where it holds, and otherwise what went wrong, as text. */
export async function runCase(name: string, context: SuiteContext): Promise<string | null> {
  const found = suite[name];
  if (found === undefined) return `There is no case "${name}".`;
  return found.run(context).then(
    () => null,
    (error: unknown) => (error instanceof Error ? `${error.message}\n${error.stack}` : String(error)),
  );
}
