import type { EndpointName, OpenEndpoint } from "../contract/endpoints.ts";
import type { RequestCall } from "../flows/call.ts";
import type { Gateway } from "./gateway.ts";
import type { RequestContext } from "./request-context.ts";
import type { Reply } from "./reply.ts";

/** A request and the parts of its path that its endpoint names. */
export type RoutedRequest = Request & { readonly params?: Readonly<Record<string, string>> };

/** Answers any request, without admission. */
export type OpenHandler = (
  request: RoutedRequest,
  context: RequestContext,
  gateway: Gateway,
) => Promise<Reply>;

/** Answers an admitted request; the call has its caller. */
export type AdmittedHandler = (
  request: RoutedRequest,
  call: RequestCall,
  context: RequestContext,
  gateway: Gateway,
) => Promise<Reply>;

/** One handler for each endpoint; only those that need nothing are called without a call. */
export type Handlers = {
  readonly [N in EndpointName]: N extends OpenEndpoint ? OpenHandler : AdmittedHandler;
};
