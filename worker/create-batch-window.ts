import {
  BatchWindowBase,
  type BatchWindowPorts,
} from "../durable-objects/request-window/request-window-object.ts";
import { createServices } from "./app.ts";
import type { ConfigInput } from "./contract/config/config.ts";
import { resolveRoute } from "./domain/routing/catalog.ts";
import { parseConfig } from "./domain/config/parse-config.ts";
import { callBatch } from "./flows/windows/call-group.ts";
import type { Services } from "./flows/services.ts";
import type { Environment } from "./platform/environment.ts";
import { registry } from "./providers/registry.ts";

/** The batch windows of one config: they call the same targets as the Worker, by the same rules. */
export function createBatchWindow(config: ConfigInput) {
  // Built by the isolate's first window.
  let built: Services | undefined;
  const build = (env: Environment): Services => {
    const parsed = parseConfig(config, registry);
    if (!parsed.ok) throw new Error(parsed.error);
    return createServices(env, parsed.value);
  };
  return class BatchWindowObject extends BatchWindowBase {
    protected override openPorts(env: Environment): BatchWindowPorts {
      const services = (built ??= build(env));
      return {
        now: services.now,
        log: services.log,
        call: (call) => callBatch(services, call),
        policyOf({ route, task }) {
          const found = resolveRoute(services.catalog, route, task);
          if (!found.ok || !found.value.batch) return undefined;
          const { objectiveMs = null, ...policy } = found.value.batch;
          return { ...policy, objectiveMs };
        },
      };
    }
  };
}
