import type { Task } from "../contract/requests.ts";

/** A URL's path with its query, found without parsing: it begins at the first slash after the scheme. */
export const pathOf = (url: string): string => url.slice(url.indexOf("/", "https://".length));

/**
 * The task in whose form a failure is told that no task's handler tells: clients of Anthropic's API know errors of
 * its own form only, wherever they ask.
 */
export const taskOfForm = ({ headers, url }: Pick<Request, "headers" | "url">): Task | undefined =>
  headers.has("anthropic-version") || pathOf(url).startsWith("/v1/messages") ? "messages" : undefined;
