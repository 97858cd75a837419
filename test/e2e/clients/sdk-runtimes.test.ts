import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSdkModules, type SdkModules } from "../../clients/sdk-modules.ts";
import { runCase, suite } from "../../clients/sdk-suite.ts";
import { startSuiteWorker, type SuiteWorker } from "../../clients/suite-worker.ts";
import { API_KEY, useDeployment } from "../deployment.ts";

const app = useDeployment();
let modules: SdkModules;
let worker: SuiteWorker;

beforeAll(async () => {
  modules = await buildSdkModules("runtimes");
  worker = await startSuiteWorker(modules);
});
afterAll(() => worker?.stop());

const RUNTIMES = {
  Node: (name: string) => runCase(name, { ...target("node"), ...modules.published }),
  "a Worker": (name: string) => worker.run(name, target("workerd")),
};
const target = (run: string) => ({ baseURL: app.gateway.url, apiKey: API_KEY, run });

for (const [runtime, run] of Object.entries(RUNTIMES)) {
  describe(`the published SDK in ${runtime}`, { meta: { client: `headrace (${runtime})` } }, () => {
    for (const [name, { faults = [], aborts = 0, shows = [] }] of Object.entries(suite)) {
      it(name, { meta: { shows } }, async () => {
        for (const { fault, ...rule } of faults) await app.primary.fault(fault, rule);
        expect(await run(name)).toBeNull();
        if (aborts > 0) await app.primary.waitUntilAborted(aborts);
      });
    }
  });
}
