/** The same deployment with a thousand routes more. */
import { createWorker } from "../../../worker/create-worker.ts";
import config from "../headrace.config.ts";

export { BatchWindowObject, JobDirectoryObject, JobObject, JobWindowObject } from "../index.ts";

const targets = [{ provider: "whole", model: "gpt-4o-mini" }];
const more = Array.from({ length: 1000 }, (_, at) => [
  `chat-${at}`,
  { task: "chat" as const, targets, cache: false as const },
]);

export default createWorker({ ...config, routes: { ...config.routes, ...Object.fromEntries(more) } });
