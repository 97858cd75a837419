/** Headers as nobody should send them: arbitraries over those that mean something to the gateway. */
import * as fc from "fast-check";

/** ISO-8859-1, as headers are; no line ends, which no client can send. */
const latin1 = fc
  .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
    maxLength: 30,
  })
  .map((codes) => String.fromCharCode(...codes).trim());

/** Each header that means something to the gateway, right and wrong, and how often. */
export const HEADERS: Readonly<Record<string, readonly [weight: number, values: fc.Arbitrary<string>]>> = {
  "idempotency-key": [
    6,
    fc.oneof(
      fc.constantFrom("a", '"a"', "b", '"b"', "", '""', '"', '"open', 'open"', '"a\\"b"', '"a\\b"', "a, b"),
      fc.constantFrom(
        ":YQ==:",
        "?1",
        "12",
        '"a";x=1',
        "k".repeat(255),
        "k".repeat(256),
        "\t",
        "a\tb",
        "\u00e9",
      ),
      fc.uuid(),
      latin1,
    ),
  ],
  prefer: [
    6,
    fc.oneof(
      fc.constantFrom(
        "respond-async",
        "RESPOND-ASYNC",
        "respond-async, wait=1",
        "wait=1",
        'wait="1"',
        "wait=0",
      ),
      fc.constantFrom(
        "wait=-1",
        "wait=1e3",
        "wait=1.5",
        "wait=",
        "wait",
        "WAIT = 2",
        "wait=1, wait=2",
        "wait=2;x=y",
      ),
      fc.constantFrom(
        "respond-async=false",
        "respond-async;wait=2",
        "return=minimal",
        ",,,",
        ";;",
        "=",
        '"',
        "",
      ),
      latin1,
    ),
  ],
  "x-headrace-timeout-ms": [
    2,
    fc.oneof(
      fc.constantFrom("1", "50", "20000", "900000", "900001", "0", "-1", "1e3", "", " ", "0x10"),
      latin1,
    ),
  ],
  "x-headrace-metadata": [
    2,
    fc.oneof(
      fc.constantFrom(
        "{}",
        "[]",
        "null",
        '{"a":"b"}',
        '{"a":1}',
        '{"__proto__":"x"}',
        '{"constructor":"x"}',
        "{",
      ),
      fc.constantFrom(`${'{"a":'.repeat(99)}1${"}".repeat(99)}`, `{"a":"${"x".repeat(600)}"}`, '{"":""}', ""),
      fc.jsonValue({ maxDepth: 2 }).map((value) => encodeURI(JSON.stringify(value).toWellFormed())),
      latin1,
    ),
  ],
  "content-type": [
    2,
    fc.oneof(
      fc.constantFrom(
        "application/json;charset=utf-8",
        "APPLICATION/JSON",
        "application/vnd.x+json",
        "+json",
        "json",
      ),
      fc.constantFrom(
        "text/plain",
        "application/json, text/plain",
        "multipart/form-data; boundary=x",
        ";",
        "",
      ),
      latin1,
    ),
  ],
  "content-encoding": [1, fc.constantFrom("gzip", "br", "deflate", "identity", "x-odd", "gzip, gzip")],
  "cache-control": [
    1,
    fc.constantFrom("no-store", "only-if-cached", "max-age=-1", "max-age=1e9", "max-stale", "=,="),
  ],
  "x-request-id": [
    2,
    fc.oneof(fc.constantFrom("mine", "", "has space", "x".repeat(128), "x".repeat(129)), latin1),
  ],
  traceparent: [1, fc.oneof(fc.constant(`00-${"a".repeat(32)}-${"b".repeat(16)}-01`), latin1)],
  authorization: [
    1,
    fc.oneof(
      fc.constantFrom("", "Bearer", "Bearer ", "Basic eDp5", `Bearer hr_live_${"x".repeat(32)}`),
      latin1,
    ),
  ],
  origin: [1, fc.oneof(fc.constantFrom("https://app.example", "https://evil.example", "null"), latin1)],
  "last-event-id": [
    1,
    fc.oneof(fc.constantFrom("1-0", "0-0", "3-0", "99-0", "-1", "1", "1-0-0", "", "1e3-0"), latin1),
  ],
  "sec-websocket-protocol": [
    1,
    fc.oneof(fc.constantFrom("headrace.v1", "bearer.x, headrace.v1", "bearer."), latin1),
  ],
  accept: [1, fc.constantFrom("text/html", "text/event-stream", "*/*;q=0")],
};

const aHeader = fc.oneof(
  ...Object.entries(HEADERS).map(([name, [weight, values]]) => ({
    weight,
    arbitrary: values.map((value): readonly [string, string] => [name, value]),
  })),
);
/** Few at a time, so that not each request has something wrong with it. */
export const someHeaders: fc.Arbitrary<Record<string, string>> = fc.oneof(
  fc.constant({}),
  fc.array(aHeader, { maxLength: 3 }).map((pairs) => Object.fromEntries(pairs)),
);
