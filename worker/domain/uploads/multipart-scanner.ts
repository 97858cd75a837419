import { readPartName } from "./multipart-headers.ts";
import { createSearch, startsWith } from "./multipart-search.ts";
import { err, ok, type Result } from "../result.ts";

/** A part of a form's bytes, in order. */
export type Segment =
  /** To be passed on unchanged. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** The whole value of a part with the wanted name. */
  | { readonly kind: "value"; readonly bytes: Uint8Array }
  /** The form ends here: what follows are the bytes of its last delimiter. */
  | { readonly kind: "close" };

/** What is wrong with a form, for the client. */
export interface FormFault {
  readonly message: string;
}

export interface FormScanner {
  add(chunk: Uint8Array): Result<Segment[], FormFault>;
  /** The body has ended; it must have ended its form. */
  end(): Result<undefined, FormFault>;
}

const MAX_HEADER_BYTES = 8 * 1024;
const MAX_VALUE_BYTES = 1024;
const [TAB, LF, CR, SPACE, DASH] = [9, 10, 13, 32, 45];
const HEADER_END = Uint8Array.of(CR, LF, CR, LF);
const EMPTY = new Uint8Array();

type State = "delimiter" | "headers" | "content" | "value" | "epilogue";

/** What a state does with the bytes: goes to the next state at `at`, or waits for more bytes there. */
type Step =
  | { readonly next: State; readonly at: number; readonly emit?: Segment }
  | { readonly next: "more"; readonly at: number }
  | FormFault;

const more = (at: number): Step => ({ next: "more", at });

/**
 * Reads a `multipart/form-data` body (RFC 7578) as it arrives, in parts of any size, and separates the values
 * of the parts with one name. It keeps back no more than a header block, a value, or what may be the
 * beginning of a delimiter. Stricter than RFC 2046 where two parsers could otherwise read the same bytes
 * differently: no preamble, no bare LF, nothing but white space after a delimiter.
 */
export function createFormScanner(boundary: string, field: string): FormScanner {
  const states = createStates(new TextEncoder().encode(`\r\n--${boundary}`), field);
  let state: State = "delimiter";
  let first = true;
  let held: Uint8Array = EMPTY;
  return {
    add(chunk) {
      const bytes = held.length === 0 ? chunk : join(held, chunk);
      const segments: Segment[] = [];
      let sent = 0;
      const send = (end: number) => {
        if (end > sent) segments.push({ kind: "bytes", bytes: bytes.subarray(sent, end) });
        sent = end;
      };
      for (let at = 0; ;) {
        const step: Step = state === "delimiter" && first ? states.opening(bytes) : states[state](bytes, at);
        if ("message" in step) return err(step);
        if (step.next === "more") {
          send(step.at);
          held = bytes.slice(step.at);
          return ok(segments);
        }
        if (step.emit) {
          send(at);
          segments.push(step.emit);
          if (step.emit.kind === "value") sent = step.at;
        }
        first = false;
        ({ at, next: state } = step);
      }
    },
    end: () => (state === "epilogue" ? ok(undefined) : err({ message: "The form is cut short." })),
  };
}

function createStates(delimiter: Uint8Array, field: string) {
  const search = createSearch(delimiter);
  const headerEnd = createSearch(HEADER_END);
  const afterDelimiter = (bytes: Uint8Array, at: number, text: Uint8Array): Step => {
    const end = at + text.length;
    if (bytes.length < end + 2) return more(at);
    if (bytes[end] === DASH && bytes[end + 1] === DASH) {
      return { next: "epilogue", at: end + 2, emit: { kind: "close" } };
    }
    let line = end;
    while (bytes[line] === SPACE || bytes[line] === TAB) line++;
    if (line - end > MAX_HEADER_BYTES) return { message: "A delimiter of the form is too long." };
    if (bytes.length < line + 2) return more(at);
    if (bytes[line] === CR && bytes[line + 1] === LF) return { next: "headers", at: line };
    return { message: "A delimiter of the form does not end its line." };
  };
  return {
    /** The first delimiter may lack the line end that belongs to it. */
    opening(bytes: Uint8Array): Step {
      const text = bytes[0] === CR ? delimiter : delimiter.subarray(2);
      if (!startsWith(bytes, 0, text)) return { message: "The body does not begin with its boundary." };
      return bytes.length < text.length ? more(0) : afterDelimiter(bytes, 0, text);
    },
    delimiter: (bytes: Uint8Array, at: number): Step => afterDelimiter(bytes, at, delimiter),
    headers(bytes: Uint8Array, at: number): Step {
      const end = headerEnd.find(bytes, at);
      if ((end < 0 ? bytes.length : end) - at > MAX_HEADER_BYTES) {
        return { message: "The headers of a part of the form are too long." };
      }
      if (end < 0) return more(at);
      const block = String.fromCharCode(...bytes.subarray(Math.min(at + 2, end), end));
      const part = readPartName(block);
      if (part === "ambiguous") return { message: "The headers of a part of the form are malformed." };
      return { next: part.name === field ? "value" : "content", at: end + HEADER_END.length };
    },
    content(bytes: Uint8Array, at: number): Step {
      const end = search.find(bytes, at);
      return end < 0 ? more(search.holdFrom(bytes, at)) : { next: "delimiter", at: end };
    },
    value(bytes: Uint8Array, at: number): Step {
      const end = search.find(bytes, at);
      const size = (end < 0 ? bytes.length - delimiter.length : end) - at;
      if (size > MAX_VALUE_BYTES) return { message: `${field}: longer than ${MAX_VALUE_BYTES} bytes` };
      if (end < 0) return more(at);
      return { next: "delimiter", at: end, emit: { kind: "value", bytes: bytes.slice(at, end) } };
    },
    epilogue: (bytes: Uint8Array): Step => more(bytes.length),
  };
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
