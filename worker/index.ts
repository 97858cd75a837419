import config from "../headrace.config.ts";
import { createWorker } from "./create-worker.ts";

export { JobObject } from "../durable-objects/job/job-object.ts";
export default createWorker(config);
