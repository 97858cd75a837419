/** The scenarios of a public benchmark of failover, scaled: what takes it 20 or 60 s takes a second here. */
import type { Fault, FaultRule } from "../../helpers/fake-provider-client.ts";

/** What one way of asking gets: an answer of either target, an error event behind some words, or a refusal. */
export type Gets = "first" | "next" | `breaks: ${string}` | `refused: ${string}`;

export interface Scenario {
  readonly what: string;
  /** What the first target does; to requests that are answered whole, `whole` where that is given. */
  readonly fault: Fault;
  readonly whole?: Fault;
  /** How often; always where absent. */
  readonly times?: number;
  /** What the next target does. */
  readonly fallback?: { readonly fault: Fault; readonly match: NonNullable<FaultRule["match"]> };
  /** What requests get that are answered whole, as a stream, and as one that is held back. */
  readonly gets: readonly [whole: Gets, streamed: Gets, held: Gets];
}

export const WORDS = Array.from({ length: 50 }, (_, at) => `w${at + 1}`);
/** Events of a stream until this word: one names the role, and one says `echo:`. */
const until = (word: number) => word + 2;

const refusal = (code: string, message: string): Fault => ({
  kind: "status",
  status: 400,
  body: { error: { message, type: "invalid_request_error", param: "messages", code } },
});
const LATE_MS = 1500;

export const SCENARIOS: readonly Scenario[] = [
  {
    what: "429 with Retry-After, once",
    fault: { kind: "status", status: 429, headers: { "retry-after": "1" } },
    times: 1,
    gets: ["first", "first", "first"],
  },
  { what: "429, always", fault: { kind: "status", status: 429 }, gets: ["next", "next", "next"] },
  { what: "500, once", fault: { kind: "status", status: 500 }, times: 1, gets: ["first", "first", "first"] },
  { what: "503, always", fault: { kind: "status", status: 503 }, gets: ["next", "next", "next"] },
  { what: "a reset connection", fault: { kind: "reset" }, gets: ["next", "next", "next"] },
  { what: "silence", fault: { kind: "hang" }, gets: ["next", "next", "next"] },
  { what: "a first token that is late", fault: { delayMs: LATE_MS }, gets: ["next", "next", "next"] },
  {
    what: "a stream that is cut at word 40",
    fault: { kind: "cut", after: until(40) },
    whole: { kind: "cut", after: 1 },
    gets: ["next", "breaks: upstream_invalid_response", "next"],
  },
  {
    what: "a stream that stalls",
    fault: { kind: "hang", after: until(20) },
    whole: { kind: "hang", after: 1 },
    gets: ["next", "breaks: upstream_timeout", "next"],
  },
  {
    what: "a bad chunk",
    fault: { kind: "garbage", after: until(20) },
    whole: { kind: "invalid-json" },
    gets: ["next", "breaks: upstream_", "next"],
  },
  {
    what: "no [DONE]",
    fault: { kind: "cut", after: until(WORDS.length) + 2 },
    whole: {},
    gets: ["first", "first", "first"],
  },
  {
    what: "400, the context is too long",
    fault: refusal("context_length_exceeded", "This model's maximum context length is 8 tokens."),
    gets: ["next", "next", "next"],
  },
  {
    what: "400, the content is filtered",
    fault: refusal("content_filter", "The prompt was filtered."),
    gets: ["refused: content_filter", "refused: content_filter", "refused: content_filter"],
  },
  {
    what: "a cut, and a next target that takes no half answer to go on with",
    fault: { kind: "cut", after: until(40) },
    whole: { kind: "cut", after: 1 },
    fallback: {
      fault: refusal("invalid_request", "Requests that end with the assistant's turn are not supported."),
      match: { promptIncludes: '"assistant"' },
    },
    gets: ["next", "breaks: upstream_invalid_response", "next"],
  },
];
