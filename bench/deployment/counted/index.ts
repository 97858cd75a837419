/** The same deployment with every binding and each object's storage counted; `GET /bench/tally` tells. */
import { JobDirectoryObject as PlainJobDirectoryObject } from "../../../durable-objects/job-directory/job-directory-object.ts";
import { JobObject as PlainJobObject } from "../../../durable-objects/job/job-object.ts";
import { createRequestWindow } from "../../../worker/create-request-window.ts";
import { createJobWindow } from "../../../worker/create-job-window.ts";
import { createWorker } from "../../../worker/create-worker.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import { countBindings, countUnits } from "./count-bindings.ts";
import { countObject } from "./count-object.ts";
import { tally } from "./tally.ts";
import config from "../headrace.config.ts";

export const JobObject = countObject("JOBS", PlainJobObject);
export const JobDirectoryObject = countObject("JOB_DIRECTORIES", PlainJobDirectoryObject);
export const RequestWindowObject = countObject("REQUEST_WINDOWS", createRequestWindow(config));
export const JobWindowObject = countObject("JOB_WINDOWS", createJobWindow(config));

const worker = createWorker(config);
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
