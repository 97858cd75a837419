import {
  RequestWindowBase,
  type RequestWindowPorts,
} from "../durable-objects/request-window/request-window-object.ts";
import { createServices } from "./app.ts";
import type { ConfigInput } from "./contract/config/config.ts";
import { resolveRoute } from "./domain/routing/catalog.ts";
import { parseConfig } from "./domain/config/parse-config.ts";
import { callGroup } from "./flows/windows/call-group.ts";
import type { Services } from "./flows/services.ts";
import type { Environment } from "./platform/environment.ts";
import { registry } from "./providers/registry.ts";

/** The batch windows of one config: they call the same targets as the Worker, by the same rules. */
export function createRequestWindow(config: ConfigInput) {
  // Built by the isolate's first window.
  let built: Services | undefined;
  const build = (env: Environment): Services => {
    const parsed = parseConfig(config, registry);
    if (!parsed.ok) throw new Error(parsed.error);
    return createServices(env, parsed.value);
  };
  return class RequestWindowObject extends RequestWindowBase {
    protected override openPorts(env: Environment): RequestWindowPorts {
      const services = (built ??= build(env));
      return {
        now: services.now,
        log: services.log,
        call: (call) => callGroup(services, call),
        policyOf({ route, task }) {
          const found = resolveRoute(services.catalog, route, task);
          if (!found.ok || !found.value.window) return undefined;
          const { objectiveMs = null, ...policy } = found.value.window;
          return { ...policy, objectiveMs };
        },
      };
    }
  };
}
