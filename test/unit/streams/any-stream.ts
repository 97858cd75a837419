import * as fc from "fast-check";

/** Any stream of a chat, as a provider may send it and the network may cut it. */

export const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (content: string, more: object = {}): string =>
  data({ choices: [{ index: 0, delta: { content } }], ...more });

const content = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.constantFrom('"usage":{', '"error":', "}\n\n", "data: [DONE]", "null", "\\"),
);

const anyDelta = fc.oneof(
  { weight: 6, arbitrary: content.map((text) => chunk(text)) },
  { weight: 2, arbitrary: content.map((text) => chunk(text, { usage: null, error: null })) },
  content.map((text) => data({ choices: [{ delta: { content: text }, finish_reason: "stop" }] })),
  content.map((text) => data({ user: text, useful: 1, errors: [], final: true, choices: [] })),
);
const anyUsage = fc.constantFrom(data({ choices: [], usage }), chunk("", { usage: { total_tokens: 1 } }));
const anyComment = fc.constantFrom(
  ": ping\n\n",
  "event: x\nid: 7\n\n",
  "\n\n",
  'data: {"choices":[]\ndata: }\n\n',
);
export const anyFailure = fc.constantFrom(
  data({ error: { message: "boom" } }),
  data({ choices: [], error: "boom" }),
  "data: <html>\n\n",
  "<html>\n\n",
);

export const anyEvent = fc.oneof(
  { weight: 8, arbitrary: anyDelta },
  { weight: 1, arbitrary: anyUsage },
  { weight: 1, arbitrary: anyComment },
);

/** Ends that complete a stream, and such as do not. */
const wholeEnd = fc.constantFrom("data: [DONE]\n\n", "data: [DONE]\n", "data: [DONE]");
const brokenEnd = fc.constantFrom("", 'data: {"half', 'data: {"choices":[]}', ": ping\n");

const newline = fc.constantFrom("\n", "\n", "\n", "\r\n");

export interface AnyStream {
  readonly bytes: Uint8Array;
  readonly parts: readonly Uint8Array[];
}

const encoder = new TextEncoder();

/** Bytes in parts that are cut anywhere; some where events end, as they mostly come. */
function cutAnywhere(events: readonly string[]): fc.Arbitrary<AnyStream> {
  const bytes = encoder.encode(events.join(""));
  let at = 0;
  const edges = events.map((event) => (at += encoder.encode(event).byteLength));
  return fc
    .tuple(fc.subarray(edges), fc.array(fc.nat(bytes.byteLength), { maxLength: 4 }))
    .map(([whole, anywhere]) => {
      const cuts = [...new Set([0, ...whole, ...anywhere, bytes.byteLength])].toSorted((a, b) => a - b);
      return { bytes, parts: cuts.slice(1).map((to, index) => bytes.slice(cuts[index], to)) };
    });
}

const streamOf = (events: fc.Arbitrary<readonly string[]>): fc.Arbitrary<AnyStream> =>
  fc
    .tuple(events, newline)
    .map(([all, line]) => all.map((event) => event.replaceAll("\n", line)))
    .chain(cutAnywhere);

const events = fc.array(anyEvent, { maxLength: 12 });

/** A stream that comes to its end, and says no more. */
export const completeStream = streamOf(fc.tuple(events, wholeEnd).map(([all, end]) => [...all, end]));

/** One that ends well or not, fails on the way, or goes on after its end. */
export const anyStream = streamOf(
  fc
    .tuple(events, fc.oneof(wholeEnd, brokenEnd, anyFailure), fc.array(anyEvent, { maxLength: 2 }))
    .map(([all, end, more]) => [...all, end, ...more]),
);
