import { createWorker } from "../../worker/create-worker.ts";
import config from "./headrace.config.ts";

export { JobObject } from "../../durable-objects/job/job-object.ts";
export default createWorker(config);
