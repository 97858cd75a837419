/** What is measured: who answers which request, and what a baseline in the same group it is held against. */
export type Subject = "headrace" | "against" | "portkey" | "portkey-workerd" | Baseline | ScaledSubject;

export const BASELINES = ["hello", "pass-through", "cache-round", "hono-proxy"] as const;
type Baseline = (typeof BASELINES)[number];

/** The gateway before an upstream whose answers have that size, or with that many more routes. */
export type ScaledSubject = `${"kilobytes" | "events" | "routes"}-${number}`;

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
  /** The most that this one may cost on top of its baseline, in microseconds of CPU a request. */
  readonly mostAdded?: number;
}

/** Scenarios that are measured in turn, so that a noisy moment of the machine hits them alike. */
export interface Group {
  readonly title: string;
  readonly scenarios: readonly Scenario[];
}

export const API_KEY = "hr_test_benchbenchbenchbenchbenchbe";

export const CHAT = "/v1/chat/completions";
export const EMBEDDINGS = "/v1/embeddings";

export const QUESTION =
  "Where does the water go once it has turned the wheel, and who decides how much of it may? ";
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

export const jsonHeaders = { "content-type": "application/json" };
export const ourHeaders = { ...jsonHeaders, authorization: `Bearer ${API_KEY}` };

export const cacheStatus = (pattern: RegExp) => ({ header: "cache-status", pattern });

/** A scenario of chat completions, unless it says otherwise. */
export const describeScenario = (
  name: string,
  subject: Subject,
  given: Pick<Scenario, "body"> & Partial<Scenario>,
): Scenario => ({
  name,
  subject,
  path: CHAT,
  headers: subject === "headrace" ? ourHeaders : jsonHeaders,
  connections: given.body.includes('"stream":true') ? 64 : 16,
  ...given,
});
