import { openUploadBody } from "../streams/upload-body.ts";
import type { RequestContext } from "./request-context.ts";

/**
 * Discards a request's unread body before a refusal is sent: a client that still sends would not read it; see
 * UploadBody.
 */
export async function discardUnread(request: Request, context: RequestContext): Promise<void> {
  if (!request.body || request.bodyUsed || request.body.locked) return;
  await openUploadBody(request.body, context.now).discard();
}
