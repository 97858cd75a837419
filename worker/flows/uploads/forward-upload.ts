import type { Upload } from "../../contract/endpoints.ts";
import type { GatewayError } from "../../contract/errors.ts";
import type { UploadTask } from "../../domain/routing/adapter.ts";
import type { Route, Target } from "../../domain/routing/catalog.ts";
import { chooseUploadRoute, refuseLateModel } from "../../domain/uploads/choose-upload-route.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { ProviderReply } from "../../platform/call-provider.ts";
import type { OpenForm } from "../../streams/multipart-form.ts";
import type { RequestCall } from "../call.ts";
import type { InferenceOutcome } from "../inference/run-inference.ts";
import type { Services } from "../services.ts";

/** One request that uploads a recording, authenticated; its form is still on its way in. */
export interface UploadCall extends RequestCall {
  readonly upload: Upload;
  /** With the form's boundary. */
  readonly contentType: string;
  /** The model by query or header, which decides whatever the form says; or the form's own. */
  readonly model: string | undefined;
  readonly form: OpenForm;
}

/** How much is read for the sake of `model` before the call is made. */
const PEEK_BYTES = 64 * 1024;

/**
 * The straight line of an upload: find the route, in the form's first bytes if need be; pass the form
 * on as it arrives, with the target's model in it; pass the answer back as it comes. One attempt only:
 * a body that has streamed away cannot be sent again. Targets that are not configured are passed over.
 */
export async function forwardUpload(
  services: Services,
  call: UploadCall,
): Promise<Result<InferenceOutcome, GatewayError>> {
  const named = call.model === undefined ? await call.form.peekModel(PEEK_BYTES) : ok(call.model);
  if (!named.ok) return named;
  const route = chooseUploadRoute(services.catalog, named.value);
  if (!route.ok) return route;
  const target = route.value.targets.find(({ adapter }) => adapter.transcriptions);
  if (!target?.adapter.transcriptions) return err({ code: "not_configured" });
  const startedAt = services.now();
  const reply = await send(services, call, {
    route: route.value,
    target,
    task: target.adapter.transcriptions,
  });
  call.time("upstream", services.now() - startedAt);
  const {
    requestId: request,
    caller: { tenant },
    metadata,
  } = call;
  if (!reply.ok) {
    const { code, reason } = reply.error;
    services.log.warn("attempt_failed", { request, target: target.label, code, reason });
    return err({ ...reply.error, attempts: 1 });
  }
  if (reply.value.form !== "raw") return err({ code: "internal_error" });
  services.log.info("used", { request, tenant, metadata, target: target.label, usage: null, complete: true });
  return ok({
    route: route.value.name,
    target: target.label,
    attempts: 1,
    body: reply.value,
    costUsd: undefined,
    cache: { kind: "forward", why: "bypass", stored: false, collapsed: false },
  });
}

interface Destination {
  readonly route: Route;
  readonly target: Target;
  readonly task: UploadTask;
}

/** Makes the call; what is wrong with the form ends it, and is what the client learns. */
async function send(
  services: Services,
  call: UploadCall,
  { route, target, task }: Destination,
): Promise<Result<ProviderReply, GatewayError>> {
  const work = new AbortController();
  let fault: GatewayError | undefined;
  const onFault = (error: GatewayError) => {
    fault ??= error;
    work.abort();
  };
  const check = (named: string) =>
    call.model === undefined ? refuseLateModel(services.catalog, route, named) : undefined;
  const { url, headers } = task.buildRequest(target.connection, call.upload);
  const trace = call.traceparent === undefined ? {} : { traceparent: call.traceparent };
  const reply = await services.callProvider({
    request: {
      url,
      headers: { ...headers, ...trace, "content-type": call.contentType },
      body: (onProgress) => call.form.stream({ model: target.model, check, onFault, onProgress }),
    },
    limits: { quietMs: route.timeoutMs, deadlineAt: call.deadlineAt },
    signal: AbortSignal.any([call.signal, work.signal]),
    form: "raw",
    secrets: target.connection.apiKey === undefined ? [] : [target.connection.apiKey],
  });
  if (fault) return err(fault);
  return reply.ok ? reply : err(reply.error.error);
}
