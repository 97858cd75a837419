import config from "../headrace.config.ts";
import { createHeadrace } from "./create-headrace.ts";
import { embedded } from "./providers/embedded/adapter.ts";

const { worker, objects } = createHeadrace(config, { providers: { embedded } });
export const { JobObject, JobDirectoryObject, RequestWindowObject, JobWindowObject, ProviderHealthObject } =
  objects;
export default worker;
