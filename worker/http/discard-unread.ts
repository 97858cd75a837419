import { openUploadBody } from "../streams/upload-body.ts";
import type { RequestContext } from "./request-context.ts";

/** A refusal is lost on a client that is still sending; see UploadBody. */
export async function discardUnread(request: Request, context: RequestContext): Promise<void> {
  if (!request.body || request.bodyUsed || request.body.locked) return;
  await openUploadBody(request.body, context.now).discard();
}
