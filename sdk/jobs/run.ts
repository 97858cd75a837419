import type { Task } from "../../worker/contract/requests.ts";
import type { Call } from "../call.ts";
import { HeadraceError } from "../errors.ts";
import type { Settings } from "../options.ts";
import { followJob, mintKey, postForJob, preferWait, waitForEnd } from "./calls.ts";
import { followEvents } from "./events.ts";
import { sendForOutput } from "./output.ts";
import type { Job, RunOptions } from "./types.ts";

/** Creates a job, waits for its end and gives its output with the job; see `JobsPart`. */
export function run(settings: Settings, input: object, options: RunOptions = {}): Promise<object> {
  const {
    task = taskOf(input),
    job: more,
    metadata,
    onUpdate,
    idempotencyKey = mintKey(),
    ...rest
  } = options;
  const create = (call: Call, headers = {}): Promise<Job> =>
    postForJob(call, "/jobs", { params: { ...more, task, input, metadata }, headers });
  const work = async (call: Call): Promise<object> => {
    // With `onUpdate`, the gateway must answer before the job ends: its id is needed to follow the events.
    let job = await create(call, onUpdate ? {} : preferWait(call));
    if (onUpdate) for await (const event of followEvents(call, job.id)) await onUpdate(event);
    if (job.ended_at === null) job = await waitForEnd(call, job.id);
    if (job.status !== "succeeded") throw jobError(job);
    const output = job.output ?? (await sendForOutput(call, job.id));
    return Object.defineProperty(output, "job", { value: job });
  };
  return followJob(settings, { ...rest, idempotencyKey }, work, create);
}

function taskOf(input: object): Task {
  return "messages" in input ? "chat" : "documents" in input ? "rerank" : "embeddings";
}

/** The error of a job that ended without an output. */
function jobError({ status, error, meta }: Job): HeadraceError {
  return new HeadraceError(error?.message ?? `The job was ${status}.`, {
    code: error?.code ?? `job_${status}`,
    requestId: meta.requestId,
  });
}
