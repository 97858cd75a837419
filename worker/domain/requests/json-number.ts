/**
 * The number that a JSON literal says: a double where that keeps it, else a bigint where it is whole; undefined
 * where neither has it. Within 2^53 doubles keep all, as far as JSON's readers can tell; beyond, those whose value
 * a double has exactly, and those that are written with the digits that a double is written with (the bounds of
 * float32 among them).
 */
export function readNumber(literal: string): number | bigint | undefined {
  const number = Number(literal);
  if (Math.abs(number) <= Number.MAX_SAFE_INTEGER) return number;
  if (!Number.isFinite(number) || literal.length > MAX_DIGITS) return undefined;
  const said = spell(literal);
  if (isSame(said, spell(String(number)))) return number;
  const whole = toWhole(said);
  return whole === BigInt(number) ? number : whole;
}

/** No double has more digits before its point. */
const MAX_DIGITS = 320;

interface Spelling {
  readonly sign: string;
  /** Without zeros at either end. */
  readonly digits: string;
  /** How many places before the point the first digit stands. */
  readonly places: number;
}

function spell(literal: string): Spelling {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const leading = whole.length + fraction.length - digits.length;
  return { sign, digits: digits.replace(/0+$/, ""), places: whole.length - leading + Number(exponent) };
}

const isSame = (left: Spelling, right: Spelling): boolean =>
  left.sign === right.sign && left.digits === right.digits && left.places === right.places;

const toWhole = ({ sign, digits, places }: Spelling): bigint | undefined =>
  digits.length > places ? undefined : BigInt(`${sign}${digits.padEnd(places, "0")}`);
