import * as fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { playBack } from "../../helpers/fake-provider/protocol.ts";
import { type Api, ARRAY_TASKS, arrayReply, chatReply } from "../../helpers/hostile-replies.ts";
import type { HostileRequest } from "../../helpers/hostile-requests.ts";
import { says, useDeployment } from "../deployment.ts";
import type { Read } from "../inference/response-law.ts";
import { expectNoBugs, fuzz, FUZZ_TIMEOUT_MS } from "./fuzzing.ts";

const app = useDeployment();
vi.setConfig({ testTimeout: FUZZ_TIMEOUT_MS });

/** The same prompt twice would be one call. */
let serial = 0;
const asking = (reply: Parameters<typeof playBack>[0]) => `${serial++} ${playBack(reply)}`;

const post = (path: string, body: object): HostileRequest => ({
  method: "POST",
  path: `/v1/${path}`,
  headers: {},
  body: JSON.stringify(body),
});

interface Dialect {
  readonly path: string;
  readonly ask: (model: string, prompt: string, stream: boolean) => object;
  /** How a stream ends, well or not; one that goes on as it came may have lines that end in CRLF. */
  readonly end: RegExp;
}

const DIALECTS: readonly Dialect[] = [
  {
    path: "chat/completions",
    ask: (model, prompt, stream) => ({ model, stream, messages: says(prompt) }),
    end: /data: (\[DONE\]|\{"error":\{.*\}\})\r?\n\r?\n$/,
  },
  {
    path: "responses",
    ask: (model, prompt, stream) => ({ model, stream, input: prompt }),
    end: /event: (response\.(completed|incomplete|failed)|error)\ndata: \{.*\}\r?\n\r?\n$/,
  },
  {
    path: "messages",
    ask: (model, prompt, stream) => ({ model, stream, max_tokens: 50, messages: says(prompt) }),
    end: /event: (message_stop|error)\ndata: \{.*\}\r?\n\r?\n$/,
  },
];
const MODELS: readonly (readonly [Api, string])[] = [
  ["openai", "uncached"],
  ["anthropic", "claude"],
  ["google", "gemini"],
];

/** Anthropic's status for it, which its own clients are told and others are not. */
const OVERLOADED = { status: 529, headers: { "content-type": "application/json" }, parts: [btoa("{}")] };

beforeEach(() => app.primary.fault({ kind: "as-told" }));

/** Lines within an event that clients take no notice of, by the standard: they are no field that it knows. */
const UNHEARD = /^(?!data:|event:|\r?$).*\n/gm;

/** An answer is JSON, or a stream of events with an end. */
function expectForm({ status, headers, text }: Read, end: RegExp): void {
  if (status !== 200) return;
  if (headers.get("content-type")?.startsWith("application/json") === true) {
    expect(JSON.parse(text)).toBeTypeOf("object");
    return;
  }
  expect(headers.get("content-type")).toMatch(/^text\/event-stream/);
  expect(text.replaceAll(UNHEARD, "")).toMatch(end);
}

describe("whatever a provider answers, the client gets an answer in form or a documented error:", () => {
  for (const { path, ask, end } of DIALECTS) {
    it.each(MODELS)(`to ${path}, by the API of %s`, async (api, model) => {
      const requests = fc
        .boolean()
        .chain((stream) =>
          chatReply(api, stream).map((reply) => post(path, ask(model, asking(reply), stream))),
        );
      const check = (read: Read) => expectForm(read, end);
      const examples = [post(path, ask(model, asking(OVERLOADED), false))];
      const { statuses } = await fuzz(app, requests, 40, { check, examples });
      for (const status of [200, 502]) expect(statuses[status]).toBeGreaterThan(0);
      expectNoBugs(app);
    });
  }

  it.each(ARRAY_TASKS)("to %s", async (task) => {
    const BODIES = {
      embeddings: (prompt: string) => ({ model: "embed-uncached", input: prompt }),
      rerank: (prompt: string) => ({ model: "rerank", query: "x", documents: [prompt] }),
      moderations: (prompt: string) => ({ model: "moderate", input: prompt }),
    };
    const requests = arrayReply(task).map((reply) => post(task, BODIES[task](asking(reply))));
    const { statuses } = await fuzz(app, requests, 40, {
      check: (read) => expectForm(read, /never/),
    });
    for (const status of [200, 502]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
  });
});
