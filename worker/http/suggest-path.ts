import { ENDPOINTS } from "../contract/endpoints.ts";

/** The paths that clients build of their base URL, without their version; the longest first. */
const TAILS = [...new Set(Object.values(ENDPOINTS).map(({ path }) => path))]
  .filter((path) => path.startsWith("/v1/") && !path.includes(":"))
  .map((path) => ({ path, tail: path.slice("/v1".length) }))
  .toSorted((left, right) => right.tail.length - left.tail.length);

const MAX_SHOWN = 100;

/** An endpoint that a path was probably meant for, and what to tell about it. */
export interface Suggestion {
  readonly path: string;
  readonly message: string;
}

/**
 * For a path that is none because its client has a wrong base URL: `/chat/completions` without the version,
 * `/v1/v1/models`, `/openai/v1/embeddings`. Undefined where it resembles no endpoint.
 */
export function suggestPath(url: string): Suggestion | undefined {
  const { pathname, origin } = new URL(url);
  const asked = pathname.replace(/\/+$/, "");
  const found = TAILS.find(({ tail }) => asked.endsWith(tail));
  if (!found) return undefined;
  // Anthropic's clients add the version themselves.
  const baseUrl = found.path.startsWith(ENDPOINTS.messages.path) ? origin : `${origin}/v1`;
  const message = `There is nothing at ${pathname.slice(0, MAX_SHOWN)}; ${found.path} is meant, perhaps: set the client's base URL to ${baseUrl}.`;
  return { path: found.path, message };
}
