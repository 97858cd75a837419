import { JobWindowBase, type JobWindowPorts } from "../durable-objects/job-window/job-window-object.ts";
import type { Config, ConfigInput } from "./contract/config/config.ts";
import { parseConfig } from "./domain/config/parse-config.ts";
import type { Environment } from "./platform/environment.ts";
import { createWindowSender } from "./platform/job-queue.ts";
import { consoleLog } from "./platform/log.ts";
import { sleep } from "./platform/sleep.ts";
import { registry } from "./providers/registry.ts";

/** Jobs that come this close together share a row: at 400 a second, some 16. */
const GATHER_MS = 40;

/** The windows of jobs of one config. */
export function createJobWindow(input: ConfigInput) {
  // Built by the isolate's first window.
  let built: Config | undefined;
  const build = (): Config => {
    const parsed = parseConfig(input, registry);
    if (!parsed.ok) throw new Error(parsed.error);
    return parsed.value;
  };
  return class JobWindowObject extends JobWindowBase {
    protected override openPorts(env: Environment): JobWindowPorts {
      const { routes } = (built ??= build());
      return {
        now: () => Date.now(),
        send: createWindowSender(env.JOB_QUEUE),
        gather: () => sleep(GATHER_MS),
        policyOf: ({ route, task }) => {
          const found = Object.hasOwn(routes, route) ? routes[route] : undefined;
          return found?.task === task ? found.jobs.window : undefined;
        },
        log: consoleLog,
      };
    }
  };
}
