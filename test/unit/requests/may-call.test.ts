import { describe, expect, it } from "vitest";
import type { Scope } from "../../../worker/contract/endpoints.ts";
import { DEPLOYMENT_SCOPES, KEY_SCOPES, mayCall } from "../../../worker/domain/requests/may-call.ts";

const SCOPES: readonly Scope[] = ["token", "key", "admin"];
const allowed = (scopes: readonly Scope[]) => SCOPES.filter((needs) => mayCall(scopes, needs));

describe("mayCall", () => {
  it("lets a key do what a token may and what a key may, and the deployment's own key all", () => {
    expect(allowed(KEY_SCOPES)).toEqual(["token", "key"]);
    expect(allowed(DEPLOYMENT_SCOPES)).toEqual(SCOPES);
  });

  it("lets a caller with only one scope do no more, and one with none nothing", () => {
    for (const scope of SCOPES) expect(allowed([scope])).toEqual([scope]);
    expect(allowed([])).toEqual([]);
  });
});
