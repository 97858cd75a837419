import type { Result } from "../../worker/domain/result.ts";

/** The value, where there must be one. */
export function valueOf<T, E>(result: Result<T, E>): T {
  if (result.ok) return result.value;
  throw new Error(`expected a value, got ${JSON.stringify(result.error)}`);
}

/** The error, where there must be one. */
export function errorOf<T, E>(result: Result<T, E>): E {
  if (!result.ok) return result.error;
  throw new Error(`expected an error, got ${JSON.stringify(result.value)?.slice(0, 200)}`);
}
