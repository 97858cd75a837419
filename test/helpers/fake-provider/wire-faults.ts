import { gzipSync } from "node:zlib";
import { breakInsideCharacter, longEvent, toEvent } from "./parts.ts";
import type { WireFault } from "./protocol.ts";
import { END, pause, write } from "./step.ts";
import type { Framed, Head, Step } from "./step.ts";

type WireFaults = {
  readonly [K in WireFault["kind"]]: (
    fault: Extract<WireFault, { kind: K }>,
    framed: Framed,
  ) => readonly Step[];
};

/** Long enough that a client sees two writes as two reads, on any machine that is not stopped. */
const GAP_MS = 15;
const KEPT_ALIVE_MS = 30_000;
const HTML = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>";

/** What each fault of the wire does with a reply. */
export const WIRE_FAULTS: WireFaults = {
  status: ({ status, headers, body }) => [
    { step: "head", status, headers: { "content-type": "application/json", ...headers } },
    write(Buffer.from(JSON.stringify(body ?? errorBody(status)))),
    END,
  ],
  hang: ({ after }, framed) => [...start(framed, after), { step: "hang" }],
  reset: ({ after }, framed) => [...start(framed, after), pause(GAP_MS), { step: "reset" }],
  cut: ({ after }, framed) => [...start(framed, after), END],
  "slow-loris": ({ intervalMs }, { head, parts }) => [
    head,
    ...Array.from(Buffer.concat(parts), (byte) => [write(Buffer.of(byte)), pause(intervalMs)]).flat(),
    END,
  ],
  html: () => [...replacement("text/html; charset=utf-8", HTML), END],
  "invalid-json": () => [...replacement("application/json", '{"object":"list","data":[{"index":0,'), END],
  empty: () => [...replacement("application/json", ""), END],
  endless: ({ intervalMs = 0 }) => [
    ...replacement("application/json", '{"object":"list","data":[0'),
    { step: "repeat", bytes: Buffer.from(",0".repeat(8192)), intervalMs },
  ],
  gzip: ({ lies }, { head, parts }) => [
    { ...head, headers: { ...head.headers, "content-encoding": "gzip" } },
    write(lies ? Buffer.concat(parts) : gzipSync(Buffer.concat(parts))),
    END,
  ],
  redirect: ({ location }) => [{ step: "head", status: 302, headers: { location } }, END],
  "keep-alive": ({ after, text, intervalMs }, framed) => {
    const once = [write(Buffer.from(text)), pause(intervalMs)];
    const times = Math.ceil(KEPT_ALIVE_MS / intervalMs);
    return [...start(framed, after), ...Array.from({ length: times }, () => once).flat(), END];
  },
  retyped: ({ type }, { head, parts }) => [
    { ...head, headers: { ...head.headers, "content-type": type } },
    ...parts.map(write),
    END,
  ],
  garbage: ({ after }, framed) => [
    ...start(framed, after),
    write(Buffer.from("data: {not json\n\n\xff\xfe\x00\n\n", "latin1")),
    END,
  ],
  "error-event": ({ after, code = "server_error", error }, framed) => [
    ...start(framed, after),
    write(
      toEvent({ error: error ?? { message: "The model stopped.", type: "server_error", param: null, code } }),
    ),
    END,
  ],
  "long-line": ({ sizeBytes = 10_000_000 }, framed) => [
    ...start(framed, 1),
    write(longEvent(sizeBytes)),
    ...framed.parts.slice(1).map(write),
    END,
  ],
  verbatim: ({ status, headers, parts }) => [
    { step: "head", status, headers },
    ...parts.map((part) => write(Buffer.from(part, "base64"))),
    END,
  ],
  // Taken for a verbatim one before it gets here, where the request says what it wants.
  "as-told": (_, { head, first }) => [head, ...first(Infinity), END],
  flood: ({ sizeBytes }, { head, parts }) => {
    const [role = Buffer.of(), event = Buffer.of(), ...rest] = parts;
    const part = write(Buffer.concat(Array.from({ length: Math.ceil(8192 / event.length) }, () => event)));
    const times = Math.ceil(sizeBytes / part.bytes.length);
    return [head, write(role), ...Array.from({ length: times }, () => part), ...rest.map(write), END];
  },
  "split-utf8": (_, { head, parts }) => [
    head,
    ...parts.flatMap(breakInsideCharacter).flatMap((bytes) => [write(bytes), pause(GAP_MS)]),
    END,
  ],
  crlf: (_, { head, parts }) => [head, ...parts.map((part) => write(withCrlf(part))), END],
};

/** The headers and the first parts; nothing at all where `after` is absent. */
function start({ head, first }: Framed, after: number | undefined): readonly Step[] {
  return after === undefined ? [] : [head, ...first(after)];
}

/** The start of an answer that has nothing to do with what was asked. */
function replacement(type: string, text: string): readonly Step[] {
  const head: Head = { step: "head", status: 200, headers: { "content-type": type } };
  return [head, write(Buffer.from(text))];
}

function errorBody(status: number): object {
  const type = status >= 500 ? "server_error" : "invalid_request_error";
  return { error: { message: `A fault of status ${status}.`, type, param: null, code: `fault_${status}` } };
}

function withCrlf(part: Buffer): Buffer {
  return Buffer.from(part.toString("utf8").replaceAll("\n", "\r\n"));
}
