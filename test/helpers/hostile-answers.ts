/** Answers as no provider should give them: arbitraries over what may come back from an embeddings endpoint. */
import * as fc from "fast-check";
import type { Fault } from "./fake-provider-client.ts";
import { mostly, nearly, wrong } from "./hostile-bodies.ts";

/** A JSON object, as a fault's body is. */
type Body = Extract<Fault, { readonly kind: "status" }>["body"];

const tokens = fc.oneof(
  { weight: 3, arbitrary: fc.nat(100) },
  { weight: 1, arbitrary: fc.constantFrom(1e308, 1.7e308, 1e21, 0.5, 5e-324, null) },
);
const usage = nearly({
  prompt_tokens: mostly(tokens),
  total_tokens: mostly(tokens),
  prompt_tokens_details: mostly(fc.record({ cached_tokens: tokens })),
});
const item = nearly({
  object: mostly(fc.constant("embedding")),
  index: mostly(fc.constantFrom(0, 0, 0, 1, -1, 0.5)),
  embedding: mostly(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 3 })),
});
const embeddings = nearly({
  object: mostly(fc.constant("list")),
  data: mostly(fc.array(item, { minLength: 1, maxLength: 2 })),
  model: mostly(fc.constantFrom("big", "a\r\nx: 1", "x".repeat(5000))),
  usage: mostly(usage),
});
const failure = fc.record({
  error: nearly({
    message: mostly(fc.oneof(fc.string({ unit: "grapheme" }), fc.constant("x".repeat(5000)))),
    type: wrong,
    code: wrong,
  }),
});

const isObject = (value: unknown): value is NonNullable<Body> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A complete answer over HTTP; what is wrong with it is in what it says. */
export const hostileAnswer: fc.Arbitrary<Fault> = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant(200), embeddings) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom(201, 204, 400, 401, 404, 409, 413, 418, 422, 429, 500, 503, 599),
        fc.oneof(failure, wrong, embeddings),
      ),
    },
  )
  .chain(([status, body]) =>
    fc.record({
      kind: fc.constant("status" as const),
      status: fc.constant(status),
      headers: fc.constantFrom(
        {},
        { "retry-after": "-1" },
        { "retry-after": "1e9" },
        { "content-type": "text/html" },
      ),
      body: fc.constant(isObject(body) ? body : {}),
    }),
  );
