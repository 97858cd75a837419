import {
  cacheStatus,
  CHAT,
  chatBody,
  describeScenario as scenario,
  EMBEDDINGS,
  type Group,
  jsonHeaders,
  ourHeaders,
  QUESTION,
  type Scenario,
} from "./scenario.ts";

const BARE = "bare pass-through";

/** What does less, or as much as we do, before the same upstream; `answer` says how that answers. */
const bare = (answer: string, body: string) =>
  scenario(BARE, "pass-through", { path: `/${answer}${CHAT}`, body });
const listPeers = (answer: string, body: string): readonly Scenario[] => {
  const headers = {
    ...jsonHeaders,
    authorization: "Bearer sk-bench",
    "x-portkey-provider": "openai",
    // The upstream's URL is known when it runs.
    "x-portkey-custom-host": `{upstream}/${answer}/v1`,
  };
  return [
    scenario("Hono's proxy", "hono-proxy", { path: `/${answer}${CHAT}`, body, baseline: BARE }),
    scenario("Portkey's gateway on workerd", "portkey-workerd", { headers, body, baseline: BARE }),
    scenario("Portkey's gateway on Node", "portkey", { headers, body, baseline: BARE }),
  ];
};

const chat: Group = {
  title: "a chat answer of 1 KB from the upstream",
  scenarios: [
    bare("whole", chatBody("gpt-4o-mini")),
    scenario("chat, cache off", "headrace", { body: chatBody("chat"), baseline: BARE, goal: 1.7 }),
    scenario("chat, cached miss", "headrace", {
      body: chatBody("kept", { temperature: 0, seed: "{n}" }).replace('"{n}"', "{n}"),
      expect: cacheStatus(/fwd=miss/),
      baseline: BARE,
    }),
    scenario("chat, translated to Anthropic's API", "headrace", {
      body: chatBody("claude"),
      baseline: BARE,
    }),
    ...listPeers("whole", chatBody("gpt-4o-mini")),
  ],
};

const STREAM = { stream: true };
/** The client asks to be told what was used, so no event is kept from it. */
const SHOWN = { ...STREAM, stream_options: { include_usage: true } };

const stream: Group = {
  title: "a stream of 200 events, one every 5 ms",
  scenarios: [
    bare("paced", chatBody("m", STREAM)),
    streamed("stream, the client asks for usage", chatBody("stream", SHOWN), 1.5),
    streamed("stream, the route shows usage", chatBody("stream-shown", STREAM), 1.5),
    streamed("stream, usage hidden", chatBody("stream", STREAM), 2.8),
    ...listPeers("paced", chatBody("gpt-4o-mini", STREAM)),
  ],
};

const burst: Group = {
  title: "the same stream, ten events at a time",
  scenarios: [
    bare("burst", chatBody("m", STREAM)),
    streamed("stream, the client asks for usage", chatBody("burst", SHOWN), 2),
    streamed("stream, usage hidden", chatBody("burst", STREAM), 2.5),
    ...listPeers("burst", chatBody("gpt-4o-mini", STREAM)),
  ],
};

function streamed(name: string, body: string, goal: number): Scenario {
  return scenario(name, "headrace", { body, baseline: BARE, goal });
}

const embedding = { path: EMBEDDINGS, body: JSON.stringify({ model: "embed", input: `${QUESTION}{n}` }) };

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
      ...embedding,
      headers: { ...ourHeaders, "cache-control": "no-store" },
      baseline: "hello",
      goal: 2.3,
    }),
    scenario("embedded embedding, cached miss", "headrace", {
      ...embedding,
      expect: cacheStatus(/fwd=miss/),
      baseline: "hello",
      goal: 2.8,
    }),
    scenario("hello + Cache API, one miss and one write", "cache-round", {
      body: chatBody("gpt-4o-mini"),
      baseline: "hello",
    }),
  ],
};

const PLAIN = "one target, no policies";
const policed = (name: string, model: string) =>
  scenario(name, "headrace", { body: chatBody(model), baseline: PLAIN, mostAdded: 10 });

/** The first answer of the plan's first target, so that what is added is what the policies take. */
const policies: Group = {
  title: "what the policies add to a chat answer",
  scenarios: [
    scenario(PLAIN, "headrace", { body: chatBody("chat") }),
    policed("two targets, weighted", "weighted"),
    policed("two targets, the fastest first", "fastest"),
    policed("two targets, the cheapest first", "cheapest"),
    policed("the same with conditions and a hedge", "policies"),
  ],
};

export const GROUPS: readonly Group[] = [chat, policies, stream, burst, edge];
