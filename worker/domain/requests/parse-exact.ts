import { readNumber } from "./json-number.ts";

/** What the language has since 2025, and its types not yet (ECMA-262, "JSON.parse source text access"). */
interface SourceTextJson {
  parse(
    text: string,
    revive: (name: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
}
const json = JSON as unknown as SourceTextJson;

// JSON.stringify refuses bigints unless their prototype says how they are written: here, as their digits.
// oxlint-disable-next-line no-extend-native
Object.defineProperty(BigInt.prototype, "toJSON", {
  value(this: bigint) {
    return json.rawJSON(this.toString());
  },
});

/** Parses JSON, with bigints for the whole numbers that no double has. Throws where the text is not JSON. */
export const parseExact = (text: string): unknown =>
  json.parse(text, (_, value, { source }) =>
    typeof value === "number" ? (readNumber(source) ?? value) : value,
  );

/** A number that may be past 2^53, as servers and models write it: in digits. Fractions are no such numbers. */
const LONG = /(?:^|[^.\d])\d{16}/;

/** The same, nearly as fast as JSON.parse, for numbers without an exponent. */
export const readExact = (text: string): unknown => (LONG.test(text) ? parseExact(text) : JSON.parse(text));
