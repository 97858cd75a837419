/** The same deployment with every binding and each object's storage counted; `GET /bench/tally` tells. */
import { createHeadrace } from "../../../worker/create-headrace.ts";
import { embedded } from "../../../worker/providers/embedded/adapter.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import { countBindings, countUnits } from "./count-bindings.ts";
import { countObject } from "./count-object.ts";
import { tally } from "./tally.ts";
import config from "../headrace.config.ts";

const { worker, objects } = createHeadrace(config, { providers: { embedded } });
export const JobObject = countObject("JOBS", objects.JobObject);
export const JobDirectoryObject = countObject("JOB_DIRECTORIES", objects.JobDirectoryObject);
export const RequestWindowObject = countObject("REQUEST_WINDOWS", objects.RequestWindowObject);
export const JobWindowObject = countObject("JOB_WINDOWS", objects.JobWindowObject);
export const ProviderHealthObject = countObject("PROVIDER_HEALTH", objects.ProviderHealthObject);

let seen: Environment | undefined;
/** Wrapped once: what is bound does not change. */
const watched = (env: Environment) => (seen ??= countBindings(env));

const counted: ExportedHandler<Environment> = {
  fetch(request, env, execution) {
    if (request.url.endsWith("/bench/tally")) return Response.json(tally);
    tally.workerRequests++;
    return worker.fetch?.(request, watched(env), execution) ?? new Response(null, { status: 404 });
  },
  async queue(batch, env, execution) {
    tally.queueDeliveries++;
    for (const { body } of batch.messages) tally.messagesRead += countUnits(body);
    await worker.queue?.(batch, watched(env), execution);
  },
};

export default counted;
