import { JobDirectoryObject } from "../durable-objects/job-directory/job-directory-object.ts";
import { JobObject } from "../durable-objects/job/job-object.ts";
import { ProviderHealthObject } from "../durable-objects/provider-health/provider-health-object.ts";
import type { ConfigInput } from "./contract/config/config.ts";
import { createJobWindow } from "./create-job-window.ts";
import { createRequestWindow } from "./create-request-window.ts";
import { createWorker } from "./create-worker.ts";
import { Deployment } from "./deployment.ts";
import type { Registry } from "./domain/routing/provider-kind.ts";
import type { ObjectClassName } from "./platform/bindings.ts";
import { buildRegistry } from "./providers/registry.ts";

interface HeadraceOptions {
  /**
   * Kinds of provider besides those built in, by the names that the config calls them: the embedded models
   * (2.6 MB, which only Workers that import them ship), or kinds of your own.
   */
  readonly providers?: Registry;
}

/**
 * Makes what the entry of a Worker must export from its config: `worker` as the default, and each of
 * `objects` by its name. The config is checked when the isolate's first request comes: where it is wrong,
 * every answer is `not_configured` and says why.
 */
export function createHeadrace(config: ConfigInput, { providers = {} }: HeadraceOptions = {}) {
  const deployment = new Deployment(config, buildRegistry(providers));
  return {
    worker: createWorker(deployment),
    objects: {
      JobObject,
      JobDirectoryObject,
      RequestWindowObject: createRequestWindow(deployment),
      ProviderHealthObject,
      JobWindowObject: createJobWindow(deployment),
    } satisfies Record<ObjectClassName, unknown>,
  };
}
