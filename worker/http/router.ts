import { IttyRouter, type IRequest, type IttyRouterType } from "itty-router";
import {
  INFERENCE_PATHS,
  JOB_PATHS,
  UPLOAD_PATHS,
  type Upload,
  WEBHOOK_SECRETS_PATH,
} from "../contract/endpoints.ts";
import type { Task } from "../contract/requests.ts";
import { answerPreflight } from "./cors.ts";
import type { Gateway } from "./gateway.ts";
import { handleHealth, handleReady } from "./operations/handle-health.ts";
import { handleInference } from "./inference/handle-inference.ts";
import {
  handleCancelJob,
  handleReadJob,
  handleReadOutput,
  handleRemoveJob,
  handleRetryJob,
} from "./jobs/handle-job.ts";
import { handleJobEvents } from "./jobs/handle-job-events.ts";
import { handleCreateJob } from "./jobs/handle-jobs.ts";
import { handleListJobs } from "./jobs/handle-list-jobs.ts";
import { handleModels } from "./operations/handle-models.ts";
import { createOpenapiHandler } from "./operations/handle-openapi.ts";
import { handleUpload } from "./uploads/handle-upload.ts";
import { handleWebhookSecrets } from "./webhooks/handle-webhook-secrets.ts";
import type { RequestContext } from "./request-context.ts";
import { respondError, respondJson } from "./respond.ts";

type Arguments = [context: RequestContext, gateway: Gateway];

/** Every path of the gateway. The order counts: a path's own methods first, then its 405, at last 404. */
export function createRouter() {
  const router = IttyRouter<IRequest & Request, Arguments>();
  router.options("/v1/*", (request, context, gateway) => {
    const answer = answerPreflight(request, gateway.release.config.cors.origins);
    return answer.ok ? answer.value : respondError(answer.error, context);
  });
  for (const [task, path] of Object.entries(INFERENCE_PATHS) as [Task, string][]) {
    router.post(path, (request, context, gateway) => handleInference(task, request, context, gateway));
    router.all(path, refuseMethod("POST"));
  }
  for (const [upload, path] of Object.entries(UPLOAD_PATHS) as [Upload, string][]) {
    router.post(path, (request, context, gateway) => handleUpload(upload, request, context, gateway));
    router.all(path, refuseMethod("POST"));
  }
  routeJobs(router);
  router.get(WEBHOOK_SECRETS_PATH, handleWebhookSecrets);
  router.all(WEBHOOK_SECRETS_PATH, refuseMethod("GET"));
  router.get("/v1/models", handleModels);
  router.get("/v1/models/:id+", handleModels);
  router.get("/healthz", handleHealth);
  router.get("/ready", (_request, _context, gateway) => handleReady(gateway));
  router.get("/openapi.json", createOpenapiHandler());
  router.get("/", () => respondJson({ name: "headrace", models: "/v1/models", ready: "/ready" }));
  for (const path of ["/v1/models", "/v1/models/:id+", "/healthz", "/ready", "/openapi.json", "/"]) {
    router.all(path, refuseMethod("GET"));
  }
  router.all("*", (_request, context) => respondError({ code: "not_found" }, context));
  return {
    routes: router.routes,
    fetch: (request: Request, context: RequestContext, gateway: Gateway): Promise<Response> =>
      takeShortcut(request, context, gateway) ?? router.fetch(request, context, gateway),
  };
}

const TASKS_BY_PATH = new Map(
  (Object.entries(INFERENCE_PATHS) as [Task, string][]).map(([task, path]) => [path, task]),
);

/** Nearly all requests are for answers or new jobs: they skip the walk through the patterns. */
function takeShortcut(
  request: Request,
  context: RequestContext,
  gateway: Gateway,
): Promise<Response> | undefined {
  if (request.method !== "POST") return undefined;
  const { url } = request;
  const path = url.slice(url.indexOf("/", url.indexOf("//") + 2));
  if (path === JOB_PATHS.create) return handleCreateJob(request, context, gateway);
  const task = TASKS_BY_PATH.get(path);
  return task && handleInference(task, request, context, gateway);
}

function routeJobs(router: IttyRouterType<IRequest & Request, Arguments>): void {
  const { create, read, events, output, cancel, retry } = JOB_PATHS;
  router.get(create, handleListJobs);
  router.post(create, handleCreateJob);
  router.all(create, refuseMethod("GET, POST"));
  router.get(read, handleReadJob);
  router.delete(read, handleRemoveJob);
  router.all(read, refuseMethod("GET, DELETE"));
  router.get(events, handleJobEvents);
  router.all(events, refuseMethod("GET"));
  router.get(output, handleReadOutput);
  router.all(output, refuseMethod("GET"));
  router.post(cancel, handleCancelJob);
  router.all(cancel, refuseMethod("POST"));
  router.post(retry, handleRetryJob);
  router.all(retry, refuseMethod("POST"));
}

const refuseMethod = (allow: string) => (_request: IRequest, context: RequestContext) =>
  respondError({ code: "method_not_allowed" }, context, { allow });
