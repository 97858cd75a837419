import type { ChatRequest, Task, TaskRequests } from "../../contract/requests.ts";
import type { Route } from "../routing/catalog.ts";

/**
 * Whether a stream's client gets the event that only says what was used: it asked for it, or the route shows
 * it.
 */
export const showsUsage = ({ streams }: Pick<Route, "streams">, body: TaskRequests[Task]): boolean =>
  streams.usage === "show" || (body as ChatRequest).stream_options?.include_usage === true;
