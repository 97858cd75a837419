import * as z from "zod/mini";

/**
 * A list of tokens as OpenAI takes them: whole numbers from 0 on, one at least. It says the same as an array of such
 * in zod's own words, at a hundredth of the cost: a request may have hundreds of thousands.
 */
export const tokenList = z.custom<number[]>().check(({ value, issues }) => {
  const issue = findIssue(value);
  if (issue) issues.push({ ...issue, input: value, continue: false });
});

tokenList.register(z.globalRegistry, {
  type: "array",
  items: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  minItems: 1,
});

function findIssue(value: unknown) {
  if (!Array.isArray(value)) return { code: "invalid_type", expected: "array" } as const;
  if (value.length === 0) return tooSmall("array", 1);
  const at = value.findIndex((token) => !(Number.isSafeInteger(token) && token >= 0));
  if (at < 0) return undefined;
  const token: unknown = value[at];
  const path = [at];
  if (typeof token !== "number") return { code: "invalid_type", expected: "number", path } as const;
  return token < 0
    ? { ...tooSmall("number", 0), path }
    : ({ code: "invalid_type", expected: "int", path } as const);
}

const tooSmall = (origin: "array" | "number", minimum: number) =>
  ({ code: "too_small", origin, minimum, inclusive: true }) as const;
