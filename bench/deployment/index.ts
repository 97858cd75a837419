import { createHeadrace } from "../../worker/create-headrace.ts";
import { embedded } from "../../worker/providers/embedded/adapter.ts";
import config from "./headrace.config.ts";

const { worker, objects } = createHeadrace(config, { providers: { embedded } });
export const { JobObject, JobDirectoryObject, RequestWindowObject, JobWindowObject, ProviderHealthObject } =
  objects;
export default worker;
