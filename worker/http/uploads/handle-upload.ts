import type { Upload } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import { readContentCoding, refuseCoding } from "../../domain/requests/content-coding.ts";
import { isForm, readBoundary, writeContentType } from "../../domain/uploads/multipart-headers.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { RequestCall } from "../../flows/call.ts";
import { forwardUpload, type UploadCall } from "../../flows/uploads/forward-upload.ts";
import { openForm, tooLarge } from "../../streams/multipart-form.ts";
import { openUploadBody, type UploadBody } from "../../streams/upload-body.ts";
import type { AdmittedHandler } from "../handler.ts";
import { respondError } from "../respond.ts";
import { respondOutcome } from "../inference/respond-outcome.ts";

/** Answers an upload: look at the headers, forward the body as it arrives, respond. */
export const handleUpload =
  (upload: Upload): AdmittedHandler =>
  async (request, admitted, context, { release, services }) => {
    const { stallMs, uploadBytes } = release.config.limits;
    const deadlineAt = admitted.deadline.at;
    const body = openUploadBody(request.body, { stallMs, deadlineAt, now: context.now });
    const call = openCall({ upload, request, body }, admitted, uploadBytes);
    const outcome = call.ok ? await forwardUpload(services, call.value) : call;
    if (outcome.ok) return respondOutcome(outcome.value, context);
    await body.discard();
    return respondError(outcome.error, context);
  };

interface Received {
  readonly upload: Upload;
  readonly request: Request;
  readonly body: UploadBody;
}

function openCall(
  { upload, request, body }: Received,
  admitted: RequestCall,
  maxBytes: number,
): Result<UploadCall, GatewayError> {
  const sent = request.headers.get("content-type") ?? "";
  if (!isForm(sent)) return err({ code: "unsupported_media_type", message: SEND_A_FORM });
  const coding = readContentCoding(request.headers.get("content-encoding"));
  if (!coding.ok || coding.value) return refuseCoding(NO_CODING, "identity");
  const read = readBoundary(sent);
  if (!read.ok) return err({ code: "invalid_request", ...read.error });
  const boundary = read.value;
  if (request.headers.has("idempotency-key")) return err({ code: "invalid_request", message: NO_KEY });
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return err(tooLarge(maxBytes));
  const model = new URL(request.url).searchParams.get("model") ?? request.headers.get("x-headrace-model");
  const form = openForm({ body, boundary, maxBytes });
  const contentType = writeContentType(boundary);
  return ok({ ...admitted, upload, contentType, model: model ?? undefined, form });
}

/** A key promises one call however often the request is sent, and a recording that streams through is not kept. */
const NO_KEY =
  "Idempotency-Key: a recording is not kept, so that its call cannot be made only once; leave the key out.";
const NO_CODING = "Content-Encoding: a form goes on as it arrives; send it without a coding.";
const SEND_A_FORM = "Send the body as 'Content-Type: multipart/form-data' with its boundary.";
