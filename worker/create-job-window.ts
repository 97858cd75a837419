import { JobWindowBase, type JobWindowPorts } from "../durable-objects/job-window/job-window-object.ts";
import type { Deployment } from "./deployment.ts";
import type { Environment } from "./platform/environment.ts";
import { createWindowSender } from "./platform/job-queue.ts";
import { consoleLog } from "./platform/log.ts";
import { sleep } from "./platform/sleep.ts";

/** Jobs that come this close together share a row: at 400 a second, some 16. */
const GATHER_MS = 40;

/** The windows of jobs of a deployment. */
export function createJobWindow(deployment: Deployment) {
  return class JobWindowObject extends JobWindowBase {
    constructor(ctx: DurableObjectState, env: Environment) {
      super(ctx, env);
      void ctx.blockConcurrencyWhile(() => deployment.open(env));
    }

    protected override openPorts(env: Environment): JobWindowPorts {
      return {
        now: () => Date.now(),
        send: createWindowSender(env.JOB_QUEUE),
        gather: () => sleep(GATHER_MS),
        policyOf: ({ route, task }) => {
          const { routes } = deployment.gateway.release.config;
          const found = Object.hasOwn(routes, route) ? routes[route] : undefined;
          return found?.task === task ? found.jobs.window : undefined;
        },
        log: consoleLog,
      };
    }
  };
}
