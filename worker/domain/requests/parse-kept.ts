import { isBound, isKept } from "./json-number.ts";

/** What the language has since 2025, and its types not yet (ECMA-262, "JSON.parse source text access"). */
interface SourceTextJson {
  parse(
    text: string,
    revive: (name: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
  rawJSON(text: string): object;
}
const json = JSON as unknown as SourceTextJson;

/** Parses valid JSON, with objects in place of numbers that no double has; JSON.stringify writes their digits. */
export const parseKept = (text: string): unknown =>
  json.parse(text, (name, value, { source }) =>
    typeof value === "number" && !isKept(source) && !isBound(name) ? json.rawJSON(source) : value,
  );
