import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { anyRequest, inferenceRequest } from "../../helpers/hostile-requests.ts";
import { useDeployment } from "../deployment.ts";
import { expectNoBugs, fuzz, FUZZ_TIMEOUT_MS, send, settings } from "./fuzzing.ts";

const app = useDeployment();
vi.setConfig({ testTimeout: FUZZ_TIMEOUT_MS });

const COUNT_TOKENS = "/v1/messages/count_tokens";
/** A preflight that was refused in another API's form, and a path that says other than its dots. */
const ONCE_FOUND = [
  { method: "OPTIONS", path: COUNT_TOKENS },
  { method: "GET", path: `${COUNT_TOKENS}/../..${COUNT_TOKENS}` },
].map((request) => ({ ...request, headers: { authorization: "" }, body: undefined }));

describe("whatever is sent, the answer is one of the documented ones, and no bug is logged:", () => {
  it("to an endpoint of inference", async () => {
    const { statuses } = await fuzz(app, inferenceRequest, 300);
    for (const status of [200, 400, 404]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
  });

  it("to any path, by any method, with or without a key", async () => {
    const { statuses } = await fuzz(app, anyRequest, 300, { examples: ONCE_FOUND });
    for (const status of [200, 401, 404, 405]) expect(statuses[status]).toBeGreaterThan(0);
    expectNoBugs(app);
  });

  it("by many at once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(inferenceRequest, { minLength: 16, maxLength: 16 }), async (requests) => {
        await Promise.all(requests.map((request) => send(app, request)));
      }),
      settings(15),
    );
    expectNoBugs(app);
  });
});
