const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const CLOSE_BRACE = 0x7d;
const NOT_ASCII = 0x80;
const PREFIX = new TextEncoder().encode("data: {");

/** The first letters of the names that matter to the gateway: usage, error and finish_reason. */
const [U, S, E, R, F, I, N] = new TextEncoder().encode("userfin");

/**
 * How many events these bytes are, where each is plainly a delta that goes on as it came: one line of JSON,
 * and in none of them a name that could be `usage`, `error` or `finish_reason` with a value other than null.
 * 0 where that is not plain: then they are to be read one by one. Errs to the careful side, and is linear.
 */
export function skimDeltas(bytes: Uint8Array): number {
  const size = bytes.byteLength;
  if (bytes[size - 1] !== LINE_FEED || bytes[size - 2] !== LINE_FEED) return 0;
  let events = 0;
  for (let at = 0; at < size;) {
    const end = skimEvent(bytes, at);
    if (end < 0) return 0;
    events++;
    at = end;
  }
  return events;
}

/** Where the event that starts here ends; -1 where it has to be read. */
function skimEvent(bytes: Uint8Array, start: number): number {
  for (let at = 0; at < PREFIX.length; at++) if (bytes[start + at] !== PREFIX[at]) return -1;
  for (let at = start + PREFIX.length; at < bytes.byteLength; at++) {
    const byte = bytes[at] ?? LINE_FEED;
    if (byte === QUOTE && matters(bytes, at + 1)) return -1;
    if (byte >= NOT_ASCII) return -1;
    if (byte < SPACE) {
      // A carriage return may end a line as well.
      const isLast = byte === LINE_FEED && bytes[at - 1] === CLOSE_BRACE && bytes[at + 1] === LINE_FEED;
      return isLast ? at + 2 : -1;
    }
  }
  return -1;
}

/** Whether a name begins here that may say more than that there is more text. */
function matters(bytes: Uint8Array, at: number): boolean {
  const [first, second] = [bytes[at], bytes[at + 1]];
  if (first === U && second === S) return !isNull(bytes, at + "usage".length);
  if (first === E && second === R) return !isNull(bytes, at + "error".length);
  return first === F && second === I && bytes[at + 2] === N && !isNull(bytes, at + "finish_reason".length);
}

/** Whether a name ends here, and its value is null. */
const isNull = (bytes: Uint8Array, at: number): boolean => bytes[at] === QUOTE && bytes[at + 2] === N;
