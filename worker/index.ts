import config from "../headrace.config.ts";
import { createWorker } from "./create-worker.ts";

export default createWorker(config);
