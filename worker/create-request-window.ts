import {
  RequestWindowBase,
  type RequestWindowPorts,
} from "../durable-objects/request-window/request-window-object.ts";
import type { Deployment } from "./deployment.ts";
import { resolveRoute } from "./domain/routing/catalog.ts";
import { callForWindow } from "./flows/windows/call-for-window.ts";
import type { Environment } from "./platform/environment.ts";
import { consoleLog } from "./platform/log.ts";

/** The windows of requests of a deployment: they call the same targets as the Worker, by the same rules. */
export function createRequestWindow(deployment: Deployment) {
  return class RequestWindowObject extends RequestWindowBase {
    constructor(ctx: DurableObjectState, env: Environment) {
      super(ctx, env);
      void ctx.blockConcurrencyWhile(() => deployment.open(env));
    }

    protected override openPorts(): RequestWindowPorts {
      return {
        now: () => Date.now(),
        log: consoleLog,
        call: (call) => {
          const { services, release } = deployment.gateway;
          return callForWindow(services, release.catalog, call, (work) => this.ctx.waitUntil(work));
        },
        policyOf({ route, task }) {
          const found = resolveRoute(deployment.gateway.release.catalog, route, task);
          if (!found.ok || !found.value.window) return undefined;
          const { objectiveMs = null, ...policy } = found.value.window;
          return { ...policy, objectiveMs };
        },
      };
    }
  };
}
