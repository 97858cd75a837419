import { discardBody } from "../streams/upload-body.ts";
import type { RequestContext } from "./request-context.ts";

/**
 * Discards what is unread of a request's body before a refusal is sent: a client that still sends would not read it; see
 * UploadBody.
 */
export async function discardUnread(request: Request, context: RequestContext): Promise<void> {
  if (!request.body || request.body.locked) return;
  await discardBody(request.body, context.now);
}
