import config from "../headrace.config.ts";
import { createBatchWindow } from "./create-batch-window.ts";
import { createJobWindow } from "./create-job-window.ts";
import { createWorker } from "./create-worker.ts";

export { JobDirectoryObject } from "../durable-objects/job-directory/job-directory-object.ts";
export { JobObject } from "../durable-objects/job/job-object.ts";
export const BatchWindowObject = createBatchWindow(config);
export const JobWindowObject = createJobWindow(config);
export default createWorker(config);
