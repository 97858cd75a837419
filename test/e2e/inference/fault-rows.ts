/** What a provider does wrong, and what clients get of it: data, driven over every dialect by the test beside it. */
import type { Fault } from "../../helpers/fake-provider-client.ts";

export interface FaultRow {
  readonly what: string;
  readonly fault: Fault;
  readonly gets: Gets;
  /** Whether only a stream can meet it. */
  readonly streamed?: true;
  /** Whether it is met where the first words have to come, and the next ones, within 0.3 s; else there is time. */
  readonly impatient?: true;
  /** Whether embeddings may meet it too, which have no streams. */
  readonly embeddings?: true;
}

/**
 * The first target's answer (it was called once, and nothing else), the next target's (each was called once), or
 * an error in the provider's words (the first was called once: no other target would do better). An answer that
 * breaks ends with an error of this code; no other target is asked, for the client has read a part of the first's.
 */
export type Gets = "its answer" | "its call" | "the next" | Told | { readonly breaks: string };
export interface Told {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param?: string;
}

/** An answer of this text, a byte a character. */
export const answersWith = (type: string, text: string, status = 200): Fault => ({
  kind: "verbatim",
  status,
  headers: { "content-type": type },
  parts: [Buffer.from(text, "latin1").toString("base64")],
});
export const refusal = (status: number, body: unknown) =>
  answersWith("application/json", JSON.stringify(body), status);

/** Whose account or address it is: not the client's. */
const ACCOUNTS: readonly [what: string, fault: Fault][] = [
  [
    "400, no credit left",
    refusal(400, { type: "error", error: { message: "Your credit balance is too low." } }),
  ],
  ["400, a billing limit", refusal(400, { error: { message: "No.", code: "billing_hard_limit_reached" } })],
  ["402", refusal(402, { error: { message: "Insufficient Balance" } })],
  ["403, a budget that is spent", refusal(403, { error: { message: "Key limit exceeded", code: 403 } })],
  ["429, insufficient_quota", refusal(429, { error: { message: "Quota.", code: "insufficient_quota" } })],
  ["404 in HTML", answersWith("text/html", "<html><h1>404 Not Found</h1></html>", 404)],
  ["404 that names no model", refusal(404, { detail: "Not Found" })],
  ["404 in plain text", answersWith("text/plain", "404 page not found", 404)],
  ["404 for the route's model", refusal(404, { error: { message: "m", code: "model_not_found" } })],
];

/** A conversation that another model may have room for. */
const LENGTHS: readonly [what: string, fault: Fault][] = [
  ["as OpenAI says it", refusal(400, { error: { message: "Too long.", code: "context_length_exceeded" } })],
  ["in a list", refusal(400, [{ error: { message: "The input token count (9) exceeds the maximum (8)." } }])],
  ["as FastAPI says it", refusal(422, { detail: "This model's maximum context length is 8 tokens." })],
  ["in plain text", answersWith("text/plain", "prompt is too long: 9 tokens > 8 maximum", 400)],
];

/** The client's own fault, in the shapes that providers have for that. */
const OWN: readonly [shape: string, fault: Fault, told: Omit<Told, "status">, status?: number][] = [
  [
    "OpenAI's",
    refusal(400, { error: { message: "Too hot.", code: "unsupported_value", param: "temperature" } }),
    { code: "unsupported_value", message: "Too hot.", param: "temperature" },
  ],
  [
    "a list",
    refusal(400, [{ error: { code: 400, message: "Too hot.", status: "INVALID_ARGUMENT" } }]),
    { code: "invalid_request", message: "Too hot." },
  ],
  [
    "one inside another's",
    refusal(400, { error: { message: '{"error":{"message":"Too hot.","code":"too_hot"}}', code: "proxy" } }),
    { code: "too_hot", message: "Too hot." },
  ],
  [
    "FastAPI's list",
    refusal(422, { detail: [{ loc: ["body", "temperature"], msg: "Too hot.", type: "value_error" }] }),
    { code: "model_input_invalid", message: "temperature: Too hot.", param: "temperature" },
    422,
  ],
  ["FastAPI's text", refusal(400, { detail: "Too hot." }), { code: "invalid_request", message: "Too hot." }],
  [
    "plain text",
    answersWith("text/plain", "Too\n hot.", 400),
    { code: "invalid_request", message: "Too hot." },
  ],
];

const choice = { index: 0, message: { role: "assistant", content: "echo: good day" }, finish_reason: "stop" };
const completion = { id: "c-1", object: "chat.completion", created: 1, model: "big", choices: [choice] };
const json = (body: unknown, behind = "") => answersWith("application/json", JSON.stringify(body) + behind);
const toolCall = { id: "call_1", type: "function", function: { name: "look", arguments: { at: "sky" } } };

const chunk = (delta: object, more: object = {}) => ({
  id: "c-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "big",
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});
const write = (chunks: readonly object[], end = "data: [DONE]\n\n") =>
  chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("") + end;
const stream = (chunks: readonly object[], end?: string) =>
  answersWith("text/event-stream", write(chunks, end));
const CHUNKS = [chunk({ role: "assistant", content: "echo: good" }), chunk({ content: " day" })];
const STOP = chunk({}, { finish_reason: "stop" });
const bare = ({ choices }: ReturnType<typeof chunk>) => ({ id: null, created: null, choices });
const callOf = (args: unknown) => ({
  tool_calls: [{ index: 0, ...toolCall, function: { name: "look", arguments: args } }],
});

/** What is read all the same, and leaves in the right form, in whichever form it was asked for. */
const READ: readonly [what: string, fault: Fault][] = [
  ["JSON with [DONE] behind it", json(completion, "\ndata: [DONE]\n\n")],
  ["JSON that is called text", answersWith("text/plain", JSON.stringify(completion))],
  ["JSON that is called a stream", answersWith("text/event-stream", JSON.stringify(completion))],
  ["JSON without id, created and object", json({ choices: [choice] })],
  ["JSON with null for them", json({ ...completion, id: null, created: null, model: null })],
  [
    "JSON with a byte that is not UTF-8",
    answersWith("application/json", JSON.stringify(completion).replace("echo:", "echo: \xff")),
  ],
  ["a stream", stream([...CHUNKS, STOP])],
  ["a stream that just ends", stream([...CHUNKS, STOP], "")],
  ["a stream that is called JSON", answersWith("application/json", write([...CHUNKS, STOP]))],
  ["a stream with a byte that is not UTF-8", stream([chunk({ content: "\xff" }), ...CHUNKS, STOP])],
  ["a stream with null for id and created", stream([...CHUNKS, STOP].map(bare))],
  [
    "a stream with comments and events of nothing",
    stream([...CHUNKS, STOP], ": ping\n\ndata: \n\ndata: [DONE]\n\n"),
  ],
];

const CALLS: readonly [what: string, fault: Fault][] = [
  [
    "JSON",
    json({
      ...completion,
      choices: [
        {
          ...choice,
          finish_reason: "tool_calls",
          message: { role: "assistant", content: null, tool_calls: [toolCall] },
        },
      ],
    }),
  ],
  ["a stream", stream([chunk(callOf({ at: "sky" })), chunk({}, { finish_reason: "tool_calls" })])],
];

const FAILED: readonly [what: string, fault: Fault, embeddings?: true][] = [
  ["by its reason to finish", json({ ...completion, choices: [{ ...choice, finish_reason: "error" }] })],
  [
    "by an error in a choice",
    json({ ...completion, choices: [{ ...choice, error: { message: "broken" } }] }),
  ],
  ["by an error and nothing else", json({ error: { message: "overloaded", code: 503 } }), true],
  ["by an error beside nulls", json({ choices: null, data: null, error: { message: "broken" } }), true],
  ["by having no choice", json({ ...completion, choices: [] })],
  ["with a page", answersWith("text/html", "<html>Sign in</html>"), true],
  ["with nothing", answersWith("application/json", ""), true],
];

const keepAlive = (after: number, text: string): Fault => ({
  kind: "keep-alive",
  after,
  text,
  intervalMs: 50,
});
const BREAKS_QUIETLY = { breaks: "upstream_timeout" } as const;

/** Streams that only keep their connections alive, or not even that: after so many events, the first names the role. */
const QUIET: readonly [what: string, fault: Fault, gets: Gets][] = [
  ["comments and nothing else", keepAlive(0, ": PROCESSING\n\n"), "the next"],
  ["events of nothing and nothing else", keepAlive(0, "data: \n\n"), "the next"],
  ["a role, and then comments", keepAlive(1, ": ping\n\n"), "the next"],
  ["a role, and then silence", { kind: "hang", after: 1 }, "the next"],
  ["comments after the first words", keepAlive(3, ": ping\n\n"), BREAKS_QUIETLY],
  ["silence after the first words", { kind: "hang", after: 3 }, BREAKS_QUIETLY],
];

export const FAULT_ROWS: readonly FaultRow[] = [
  ...QUIET.map(([what, fault, gets]) => ({ what, fault, gets, streamed: true, impatient: true }) as const),
  ...ACCOUNTS.map(([what, fault]) => ({ what, fault, gets: "the next", embeddings: true }) as const),
  ...LENGTHS.map(
    ([what, fault]) => ({ what: `too long, ${what}`, fault, gets: "the next", embeddings: true }) as const,
  ),
  ...OWN.map(
    ([shape, fault, told, status = 400]) =>
      ({
        what: `a refusal in the shape: ${shape}`,
        fault,
        gets: { status, ...told },
        embeddings: true,
      }) as const,
  ),
  ...READ.map(([what, fault]) => ({ what, fault, gets: "its answer" }) as const),
  ...CALLS.map(
    ([what, fault]) =>
      ({ what: `${what} with arguments that are objects`, fault, gets: "its call" }) as const,
  ),
  ...FAILED.map(
    ([what, fault, embeddings]) =>
      ({
        what: `200 that fails ${what}`,
        fault,
        gets: "the next",
        ...(embeddings && { embeddings }),
      }) as const,
  ),
  {
    what: "a failure before the first words",
    fault: { kind: "error-event", after: 1 },
    gets: "the next",
    streamed: true,
  },
  {
    what: "a failure after the first words",
    fault: { kind: "error-event", after: 3 },
    gets: { breaks: "upstream_error" },
    streamed: true,
  },
  {
    what: "a reason of error after the first words",
    fault: stream([...CHUNKS, chunk({}, { finish_reason: "error" })]),
    gets: { breaks: "upstream_error" },
    streamed: true,
  },
  {
    what: "an end in the middle",
    fault: { kind: "cut", after: 3 },
    gets: { breaks: "upstream_" },
    streamed: true,
  },
];
