import { describe, expect, it } from "vitest";
import type { GatewayError } from "../../../worker/contract/errors.ts";
import type { Fact } from "../../../worker/domain/facts/fact.ts";
import type { RequestContext } from "../../../worker/http/request-context.ts";
import { tellRefusal } from "../../../worker/http/tell-refusal.ts";
import { createTell } from "../../../worker/platform/tell.ts";

/** What was told of a request that ended so. */
function factsOf(refusal: GatewayError | undefined, caller?: RequestContext["caller"]): readonly Fact[] {
  const facts: Fact[] = [];
  const tell = createTell(
    { test: { hear: (fact) => void facts.push(fact) } },
    { info: () => {}, warn: () => {} },
  );
  const context: RequestContext = {
    requestId: "r-1",
    startedAt: 10,
    timing: new Map(),
    defer: () => {},
    now: () => 40,
    outlive: () => {},
    caller,
    refusal,
  };
  tellRefusal({ tell }, context);
  return facts;
}

describe("a request that is refused", () => {
  it("is one fact, with the reason that its client is not told", () => {
    const caller = { tenant: "acme", keyId: "0123456789abcdef", scopes: [] };
    expect(factsOf({ code: "all_targets_failed", reason: "status 503; reset" }, caller)).toEqual([
      {
        kind: "refusal",
        request: "r-1",
        tenant: "acme",
        keyId: "0123456789abcdef",
        code: "all_targets_failed",
        reason: "status 503; reset",
        startedAt: 10,
        endedAt: 40,
      },
    ]);
  });

  it("is told of also where nobody knows whose it was", () => {
    const [fact] = factsOf({ code: "unauthenticated" });
    expect(fact).toMatchObject({ code: "unauthenticated", tenant: undefined, keyId: undefined });
  });

  it("is no fact where it was answered", () => {
    expect(factsOf(undefined)).toEqual([]);
  });
});
