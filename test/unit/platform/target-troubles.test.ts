import { describe, expect, it } from "vitest";
import type { AttemptFact } from "../../../worker/domain/facts/fact.ts";
import { createTargetTroubles } from "../../../worker/platform/target-troubles.ts";

const defer = () => undefined;
const attempt = (change: Partial<AttemptFact>) =>
  ({ kind: "attempt", route: "chat", target: "targets[0]=cloud/big", ...change }) as AttemptFact;

describe("the troubles of targets", () => {
  it("are those whose latest call was refused for a fault of the deployment", () => {
    const troubles = createTargetTroubles();
    troubles.hear(attempt({ status: 404, error: "upstream_error" }), defer);
    troubles.hear(attempt({ target: "targets[1]=box/m", status: 401, error: "upstream_error" }), defer);
    expect(troubles.of("chat")).toEqual([
      "targets[0]=cloud/big answered 404: see to its base URL and model",
      "targets[1]=box/m answered 401: see to its key and account",
    ]);
    troubles.hear(attempt({ status: 200, error: null }), defer);
    expect(troubles.of("chat")).toHaveLength(1);
    expect(troubles.of("embed")).toEqual([]);
  });

  it("are of each key where a provider has several: another that is good does not hide it", () => {
    const troubles = createTargetTroubles();
    troubles.hear(attempt({ key: "KEY_A", status: 401, error: "upstream_error" }), defer);
    troubles.hear(attempt({ key: "KEY_B", status: 200, error: null }), defer);
    expect(troubles.of("chat")).toEqual([
      "targets[0]=cloud/big with KEY_A answered 401: see to its key and account",
    ]);
    troubles.hear(attempt({ key: "KEY_A", status: 200, error: null }), defer);
    expect(troubles.of("chat")).toEqual([]);
  });

  it("are not what clients cause, nor what passes", () => {
    const troubles = createTargetTroubles();
    troubles.hear(attempt({ status: 400, error: "invalid_request" }), defer);
    troubles.hear(attempt({ status: 503, error: "upstream_error" }), defer);
    troubles.hear(attempt({ status: null, error: "upstream_error" }), defer);
    troubles.hear(attempt({ route: "cloud/typo", status: 404, error: "upstream_error" }), defer);
    expect([...troubles.of("chat"), ...troubles.of("cloud/typo")]).toEqual([]);
  });
});
