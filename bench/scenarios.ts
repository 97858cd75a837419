/** What is measured: who answers which request, and what a baseline in the same group it is held against. */
export type Subject = "headrace" | "against" | "hello" | "pass-through" | "cache-round" | "portkey";

export interface Scenario {
  /** Unique within its group. */
  readonly name: string;
  readonly subject: Subject;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly connections: number;
  /** What a response must say in a header for the scenario to be what it claims. */
  readonly expect?: { readonly header: string; readonly pattern: RegExp };
  /** The name of another scenario of the group, and the most that this one may cost of it. */
  readonly baseline?: string;
  readonly goal?: number;
}

/** Scenarios that are measured in turn, so that a noisy moment of the machine hits them alike. */
export interface Group {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

export const API_KEY = "hr_test_benchbenchbenchbenchbenchbe";

const QUESTION = "Where does the water go once it has turned the wheel, and who decides how much of it may? ";
export const chatBody = (model: string, more: object = {}) =>
  JSON.stringify({
    model,
    messages: [
      { role: "system", content: "You answer in the voice of an old miller, at length. ".repeat(8) },
      { role: "user", content: QUESTION.repeat(4) },
    ],
    max_tokens: 400,
    ...more,
  });
const embedBody = (text: string) => JSON.stringify({ model: "embed", input: `${QUESTION}${text}` });

const json = { "content-type": "application/json" };
const ours = { ...json, authorization: `Bearer ${API_KEY}` };
const PORTKEY = "Portkey's gateway on Node";
/** `{upstream}` stands for the upstream's URL, which is known when it runs. */
const portkey = (answer: string) => ({
  ...json,
  authorization: "Bearer sk-bench",
  "x-portkey-provider": "openai",
  "x-portkey-custom-host": `{upstream}/${answer}/v1`,
});
const CHAT = "/v1/chat/completions";
const EMBEDDINGS = "/v1/embeddings";
const cacheStatus = (pattern: RegExp) => ({ header: "cache-status", pattern });

const chat: Group = {
  title: "a chat answer of 1 KB from the upstream",
  scenarios: [
    scenario("bare pass-through", "pass-through", { path: `/whole${CHAT}`, body: chatBody("gpt-4o-mini") }),
    scenario("chat, cache off", "headrace", {
      body: chatBody("chat"),
      baseline: "bare pass-through",
      goal: 1.2,
    }),
    scenario("chat, cached miss", "headrace", {
      body: chatBody("kept", { temperature: 0, seed: "{n}" }).replace('"{n}"', "{n}"),
      expect: cacheStatus(/fwd=miss/),
      baseline: "bare pass-through",
    }),
    scenario("chat, translated to Anthropic's API", "headrace", {
      body: chatBody("claude"),
      baseline: "bare pass-through",
      goal: 1.5,
    }),
    scenario(PORTKEY, "portkey", { headers: portkey("whole"), body: chatBody("gpt-4o-mini") }),
  ],
};

const stream: Group = {
  title: "a stream of 200 events, one every 5 ms",
  scenarios: [
    scenario("bare pass-through", "pass-through", {
      path: `/paced${CHAT}`,
      body: chatBody("m", { stream: true }),
    }),
    scenario("stream", "headrace", {
      body: chatBody("stream", { stream: true }),
      baseline: "bare pass-through",
      goal: 1.3,
    }),
    scenario(PORTKEY, "portkey", {
      headers: portkey("paced"),
      body: chatBody("gpt-4o-mini", { stream: true }),
    }),
  ],
};

const burst: Group = {
  title: "the same stream, ten events at a time",
  scenarios: [
    scenario("bare pass-through", "pass-through", {
      path: `/burst${CHAT}`,
      body: chatBody("m", { stream: true }),
    }),
    scenario("stream", "headrace", {
      body: chatBody("burst", { stream: true }),
      baseline: "bare pass-through",
    }),
  ],
};

const edge: Group = {
  title: "answered by the Worker itself",
  scenarios: [
    scenario("hello", "hello", { body: chatBody("gpt-4o-mini") }),
    scenario("hit in the isolate's memory", "headrace", {
      body: chatBody("kept", { temperature: 0 }),
      expect: cacheStatus(/hit; .*detail=memory/),
      baseline: "hello",
      goal: 1.6,
    }),
    scenario("embedded embedding, no-store", "headrace", {
      path: EMBEDDINGS,
      body: embedBody("{n}"),
      headers: { ...ours, "cache-control": "no-store" },
      baseline: "hello",
      goal: 2.5,
    }),
    scenario("embedded embedding, cached miss", "headrace", {
      path: EMBEDDINGS,
      body: embedBody("{n}"),
      expect: cacheStatus(/fwd=miss/),
      baseline: "hello",
      goal: 2.5,
    }),
    scenario("hello + Cache API, one miss and one write", "cache-round", {
      body: chatBody("gpt-4o-mini"),
      baseline: "hello",
    }),
  ],
};

export const GROUPS: readonly Group[] = [chat, stream, burst, edge];

type Given = Pick<Scenario, "body"> & Partial<Scenario>;

function scenario(name: string, subject: Subject, given: Given): Scenario {
  const streams = given.body.includes('"stream":true');
  return {
    name,
    subject,
    path: CHAT,
    headers: subject === "headrace" ? ours : json,
    connections: streams ? 64 : 16,
    ...given,
  };
}
