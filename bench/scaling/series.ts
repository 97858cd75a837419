import { chatBody, describeScenario, EMBEDDINGS, ourHeaders, QUESTION, type Scenario } from "../scenario.ts";
import type { Expected } from "./judge-growth.ts";

/** The same thing at some sizes, the smallest first. */
export interface Series {
  readonly title: string;
  readonly unit: string;
  readonly expected: Expected;
  readonly points: readonly { readonly size: number; readonly scenario: Scenario }[];
}

/** The last is beyond where V8 and the allocator treat memory as large, a step that is no growth. */
const KILOBYTES = [1, 100, 300, 1000, 2000];
const EVENTS = [200, 2000, 20_000];
const INPUTS = [1, 100, 500, 2000];

/** 32 bytes. */
const WORDS = "the water that drives the wheel ";
const sizedBody = (model: string, kilobytes: number, more: object = {}) =>
  JSON.stringify({ model, messages: [{ role: "user", content: WORDS.repeat(32 * kilobytes) }], ...more });

type Given = Pick<Scenario, "body"> & Partial<Scenario>;
type Kind = Pick<Series, "title" | "unit"> & Partial<Series>;

/** A scenario for each size; the gateway's, and linear, unless it says otherwise. */
function series(kind: Kind, sizes: readonly number[], describe: (size: number) => Given): Series {
  const points = sizes.map((size) => {
    const given = { headers: ourHeaders, connections: 2, ...describe(size) };
    return { size, scenario: describeScenario(`${size} ${kind.unit}`, "headrace", given) };
  });
  return { expected: "linear", points, ...kind };
}

export const SERIES: readonly Series[] = [
  series({ title: "request bodies, cache off", unit: "KB" }, KILOBYTES, (size) => ({
    body: sizedBody("chat", size),
  })),
  series({ title: "request bodies, cached miss", unit: "KB" }, KILOBYTES, (size) => ({
    body: sizedBody("kept", size, { temperature: 0, seed: "{n}" }).replace('"{n}"', "{n}"),
  })),
  series({ title: "answers, cache off", unit: "KB" }, KILOBYTES, (size) => ({
    subject: `kilobytes-${size}`,
    body: chatBody("chat"),
  })),
  series({ title: "inputs of an embedded embedding, no-store", unit: "inputs" }, INPUTS, (size) => ({
    path: EMBEDDINGS,
    headers: { ...ourHeaders, "cache-control": "no-store" },
    body: JSON.stringify({ model: "embed", input: Array.from({ length: size }, (_, at) => QUESTION + at) }),
  })),
  series({ title: "events of a stream, the client asks for usage", unit: "events" }, EVENTS, (size) => ({
    subject: `events-${size}`,
    connections: 8,
    body: chatBody("stream", { stream: true, stream_options: { include_usage: true } }),
  })),
  series({ title: "events of a stream, usage hidden", unit: "events" }, EVENTS, (size) => ({
    subject: `events-${size}`,
    connections: 8,
    body: chatBody("stream", { stream: true }),
  })),
  series(
    { title: "a chat on a config of many routes", unit: "more routes", expected: "flat" },
    [0, 1000],
    (size) => ({
      subject: `routes-${size}`,
      connections: 8,
      body: chatBody("chat"),
    }),
  ),
];
