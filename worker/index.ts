import config from "../headrace.config.ts";
import { createWorker } from "./create-worker.ts";

export { JobDirectoryObject } from "../durable-objects/job-directory/job-directory-object.ts";
export { JobObject } from "../durable-objects/job/job-object.ts";
export default createWorker(config);
