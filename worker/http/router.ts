import { type IRequest, IttyRouter } from "itty-router";
import {
  ENDPOINT_NAMES,
  type EndpointName,
  ENDPOINTS,
  METHODS_BY_PATH,
  type OpenEndpoint,
} from "../contract/endpoints.ts";
import { isAnthropic, type Task } from "../contract/requests.ts";
import { admitRequest } from "./admit-request.ts";
import { handlePreflight } from "./cors.ts";
import { discardUnread } from "./discard-unread.ts";
import type { Gateway } from "./gateway.ts";
import type { OpenHandler } from "./handler.ts";
import { HANDLERS } from "./handlers.ts";
import type { RequestContext } from "./request-context.ts";
import { pathOf, taskOfForm } from "./task-of-form.ts";
import { respondError } from "./respond.ts";
import type { Reply } from "./reply.ts";
import { suggestPath } from "./suggest-path.ts";

/** Every endpoint of the table. The order counts: all methods first, then each path's 405, at last 404. */
export function createRouter() {
  const router = IttyRouter<IRequest & Request, [RequestContext, Gateway]>();
  const posts = new Map<string, OpenHandler>();
  router.options("/v1/*", handlePreflight);
  for (const name of ENDPOINT_NAMES) {
    const { method, path } = ENDPOINTS[name];
    const handler = isOpen(name) ? HANDLERS[name] : admitFirst(name);
    router[method.toLowerCase() as Lowercase<typeof method>](path, handler);
    if (method === "GET") router.head(path, withoutBody(handler));
    if (method === "POST" && !path.includes(":")) posts.set(path, handler);
  }
  for (const [path, allow] of METHODS_BY_PATH) router.all(path, refuseMethod(allow));
  router.all("*", refusePath);
  return {
    /** What is POSTed to a path without a query is looked up; all else is matched against every route. */
    fetch(request: Request, context: RequestContext, gateway: Gateway): Promise<Reply> {
      const handler = request.method === "POST" ? posts.get(pathOf(request.url)) : undefined;
      return handler ? handler(request, context, gateway) : router.fetch(request, context, gateway);
    },
  };
}

const isOpen = (name: EndpointName): name is OpenEndpoint => ENDPOINTS[name].needs === "nothing";

/**
 * The only way to a handler that needs a call: a request that is not admitted is answered here, its body
 * unread.
 */
function admitFirst(name: Exclude<EndpointName, OpenEndpoint>): OpenHandler {
  const handler = HANDLERS[name];
  const { needs } = ENDPOINTS[name];
  const task = isTask(name) ? name : undefined;
  return async (request, context, gateway) => {
    // Who asks for an answer outlives its client once something is begun for it.
    if (task === undefined) context.outlive();
    const call = await admitRequest(request, needs, context, gateway);
    if (!call.ok) await discardUnread(request, context);
    const reply = call.ok
      ? await handler(request, call.value, context, gateway)
      : respondError(call.error, context, {}, task);
    // Where Anthropic's clients look for it.
    if (isAnthropic(task)) reply.headers["request-id"] = context.requestId;
    return reply;
  };
}

const isTask = (name: EndpointName): name is Task => ENDPOINTS[name].family === "inference";

/** What GET answers, less its body. */
const withoutBody =
  (handler: OpenHandler): OpenHandler =>
  async (request, context, gateway) => {
    const { body, ...reply } = await handler(request, context, gateway);
    if (body instanceof ReadableStream) await body.cancel();
    return { ...reply, body: null };
  };

/** Nothing is at this path; where a wrong base URL has led to it, the answer says which is right. */
const refusePath: OpenHandler = async (request, context) => {
  const { path, message } = suggestPath(request.url) ?? {};
  const task = path?.startsWith(ENDPOINTS.messages.path) ? "messages" : taskOfForm(request);
  return respondError({ code: "not_found", ...(message ? { message } : {}) }, context, {}, task);
};

const refuseMethod = (allow: string) => (request: IRequest, context: RequestContext) =>
  respondError({ code: "method_not_allowed" }, context, { allow }, taskOfForm(request));
