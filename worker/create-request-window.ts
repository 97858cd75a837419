import {
  RequestWindowBase,
  type RequestWindowPorts,
} from "../durable-objects/request-window/request-window-object.ts";
import { createServices, openCatalog } from "./app.ts";
import type { ConfigInput } from "./contract/config/config.ts";
import { type Catalog, resolveRoute } from "./domain/routing/catalog.ts";
import { parseConfig } from "./domain/config/parse-config.ts";
import { callForWindow } from "./flows/windows/call-group.ts";
import type { Services } from "./flows/services.ts";
import type { Environment } from "./platform/environment.ts";
import { registry } from "./providers/registry.ts";

/** The batch windows of one config: they call the same targets as the Worker, by the same rules. */
export function createRequestWindow(config: ConfigInput) {
  // Built by the isolate's first window.
  let built: { readonly services: Services; readonly catalog: Catalog } | undefined;
  const build = (env: Environment) => {
    const parsed = parseConfig(config, registry);
    if (!parsed.ok) throw new Error(parsed.error);
    return { services: createServices(env), catalog: openCatalog(env, parsed.value) };
  };
  return class RequestWindowObject extends RequestWindowBase {
    protected override openPorts(env: Environment): RequestWindowPorts {
      const { services, catalog } = (built ??= build(env));
      return {
        now: services.now,
        log: services.log,
        call: (call) => callForWindow(services, catalog, call, (work) => this.ctx.waitUntil(work)),
        policyOf({ route, task }) {
          const found = resolveRoute(catalog, route, task);
          if (!found.ok || !found.value.window) return undefined;
          const { objectiveMs = null, ...policy } = found.value.window;
          return { ...policy, objectiveMs };
        },
      };
    }
  };
}
