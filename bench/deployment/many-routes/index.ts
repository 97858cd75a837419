/** The same deployment with a thousand routes more. */
import { createHeadrace } from "../../../worker/create-headrace.ts";
import { embedded } from "../../../worker/providers/embedded/adapter.ts";
import config from "../headrace.config.ts";

const targets = [{ provider: "whole", model: "gpt-4o-mini" }];
const more = Array.from({ length: 1000 }, (_, at) => [
  `chat-${at}`,
  { task: "chat" as const, targets, cache: false as const },
]);

const { worker, objects } = createHeadrace(
  { ...config, routes: { ...config.routes, ...Object.fromEntries(more) } },
  { providers: { embedded } },
);
export const { JobObject, JobDirectoryObject, RequestWindowObject, JobWindowObject, ProviderHealthObject } =
  objects;
export default worker;
