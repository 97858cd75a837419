/**
 * Whether a double keeps what a JSON number's literal says. Within 2^53 all do, as far as JSON's readers can
 * tell; beyond, those whose value a double has exactly, and those that are written with the digits that a double
 * is written with (the bounds of float32 and int64 among them).
 */
export function isKept(literal: string): boolean {
  const number = Number(literal);
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return true;
  if (!Number.isFinite(number)) return false;
  if (literal.length > MAX_DIGITS) return false;
  if (/^-?\d+$/.test(literal) && BigInt(literal) === BigInt(number)) return true;
  return spell(literal) === spell(String(number));
}

/** No double has more digits before its point. */
const MAX_DIGITS = 320;

/** A number's digits without zeros at either end, and the power of ten of the first. */
function spell(literal: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(literal) ?? [];
  const digits = `${whole}${fraction}`;
  const leading = digits.length - digits.replace(/^0+/, "").length;
  const power = whole.length - leading + Number(exponent);
  return `${sign}${digits.replace(/^0+|0+$/g, "")}e${power}`;
}

const BOUNDS: ReadonlySet<string> = new Set([
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "default",
  "examples",
  "enum",
  "const",
]);

/** Whether a name is a keyword of JSON Schema whose numbers may be those of an int64, which no double has. */
export const isBound = (name: string): boolean => BOUNDS.has(name);
