import { readPartName } from "./multipart-headers.ts";
import { createDelimiterSearch } from "./multipart-delimiter.ts";
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
const BLANK = [TAB, LF, CR, SPACE];
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
 * differently: no preamble, nothing after a delimiter on its line nor after the last one, no delimiter that only some
 * take for one (after a bare LF, or where a part is to begin), no second part of the wanted name.
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

function afterDelimiter(bytes: Uint8Array, at: number, text: Uint8Array): Step {
  const end = at + text.length;
  if (bytes.length < end + 2) return more(at);
  if (bytes[end] === DASH && bytes[end + 1] === DASH) {
    return { next: "epilogue", at: end + 2, emit: { kind: "close" } };
  }
  if (bytes[end] === CR && bytes[end + 1] === LF) return { next: "headers", at: end };
  return { message: "A delimiter of the form does not end its line." };
}

function createStates(delimiter: Uint8Array, field: string) {
  const search = createDelimiterSearch(delimiter);
  const dashes = delimiter.subarray(2);
  const headerEnd = createSearch(HEADER_END);
  let found = false;
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
      const content = end + HEADER_END.length;
      if (startsWith(bytes, content, dashes))
        return bytes.length < content + dashes.length ? more(at) : HALF_DELIMITER;
      const name = readPartName(block, field);
      if (!name.ok) return name.error;
      if (name.value !== field) return { next: "content", at: content };
      if (found) return { message: `The form has the field '${field}' twice.` };
      found = true;
      return { next: "value", at: content };
    },
    content(bytes: Uint8Array, at: number): Step {
      const end = search.find(bytes, at);
      if (end === "half") return HALF_DELIMITER;
      return end < 0 ? more(search.holdFrom(bytes, at)) : { next: "delimiter", at: end };
    },
    value(bytes: Uint8Array, at: number): Step {
      const end = search.find(bytes, at);
      if (end === "half") return HALF_DELIMITER;
      const size = (end < 0 ? bytes.length - delimiter.length : end) - at;
      if (size > MAX_VALUE_BYTES) return { message: `${field}: longer than ${MAX_VALUE_BYTES} bytes` };
      if (end < 0) return more(at);
      return { next: "delimiter", at: end, emit: { kind: "value", bytes: bytes.slice(at, end) } };
    },
    epilogue(bytes: Uint8Array, at: number): Step {
      const isBlank = bytes.subarray(at).every((byte) => BLANK.includes(byte));
      return isBlank ? more(bytes.length) : { message: "Something comes after the form's end." };
    },
  };
}

const HALF_DELIMITER: FormFault = {
  message: "The form's boundary stands within a part: choose another.",
};

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
