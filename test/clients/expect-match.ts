/**
 * The suite's one assertion; it runs wherever the suite does. Throws where `actual` lacks something of
 * `expected` or has it otherwise: objects may hold more, arrays may not.
 */
export function expectMatch(actual: unknown, expected: unknown, path = "it"): void {
  if (!isObject(expected)) {
    if (!Object.is(actual, expected)) throw mismatch(path, actual, expected);
    return;
  }
  if (!isObject(actual) || Array.isArray(actual) !== Array.isArray(expected)) {
    throw mismatch(path, actual, expected);
  }
  if (Array.isArray(expected)) expectMatch(actual["length"], expected.length, `${path}.length`);
  for (const [name, value] of Object.entries(expected)) expectMatch(actual[name], value, `${path}.${name}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function mismatch(path: string, actual: unknown, expected: unknown): Error {
  return new Error(
    `Expected ${path} to be ${JSON.stringify(expected)}, but it is ${JSON.stringify(actual)}.`,
  );
}
