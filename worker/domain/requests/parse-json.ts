import type { GatewayError } from "../../contract/errors.ts";
import { err, ok, type Result } from "../result.ts";
import { checkValue } from "./check-value.ts";
import { findExcess, REQUEST_BOUNDS } from "./find-excess.ts";
import { findJsonFault } from "./find-json-fault.ts";
import { findTwin } from "./find-twin.ts";
import { markLarge, parseMarked } from "./parse-exact.ts";

type Refusal = Result<never, GatewayError>;
const refuse = (code: "invalid_json" | "unsafe_number" | "invalid_request", message: string): Refusal =>
  err({ code, message });

/** An escape that stands for half a character, alone or with its other half. */
const ESCAPED_HALF = /\\u[dD][89a-fA-F]/;
/** Each is read digit by digit, twice. */
const MAX_LARGE_NUMBERS = 10_000;

/**
 * Takes a JSON text of bounded length; gives the value, or the first thing wrong with it. Reads as strictly as hashing
 * needs it. Refused is what would silently change (duplicate names, fractions past 2^53 that no double has), what
 * canonical JSON (RFC 8785) cannot write (lone surrogates, numbers past the double range), and before it is parsed
 * what has too much of anything (REQUEST_BOUNDS). Whole numbers that no double has are bigints.
 */
export function parseJson(text: string): Result<unknown, GatewayError> {
  const { names, excess } = findExcess(text, REQUEST_BOUNDS);
  if (excess !== undefined) return refuse("invalid_request", `The body has ${excess}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const place = findJsonFault(text, error);
    return refuse("invalid_json", `The body is not valid JSON${place === undefined ? "" : `: ${place}`}.`);
  }
  const found = checkValue(value, ESCAPED_HALF.test(text));
  if (found.hasProto) return refuse("invalid_json", 'The name "__proto__" is not allowed.');
  if (found.names < names) return refuse("invalid_json", `${tellTwin(text)} stands twice in an object.`);
  if (found.hasHalf) return refuse("invalid_json", "A string holds half a character (a lone surrogate).");
  return found.largeNumbers === 0 && !found.hasInfinity ? ok(value) : readLarge(text, found.largeNumbers);
}

function tellTwin(text: string): string {
  const twin = findTwin(text);
  return twin === undefined ? "A name" : `The name ${JSON.stringify(twin.slice(0, 64))}`;
}

function readLarge(text: string, largeNumbers: number): Result<unknown, GatewayError> {
  if (largeNumbers > MAX_LARGE_NUMBERS)
    return refuse("invalid_request", `The body has more than ${MAX_LARGE_NUMBERS} numbers past 2^53.`);
  const exact = markLarge(text);
  if (exact.lost === undefined) return ok(parseMarked(exact));
  const number = exact.lost.slice(0, 32);
  return refuse("unsafe_number", `No JSON reader keeps the number ${number} exactly; send it as a string.`);
}
