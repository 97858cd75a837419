import { expect, it } from "vitest";
import { hedgeDelayMs } from "../../../worker/domain/resilience/hedge-delay.ts";

it.each([
  ["what the route says", 50, { p95Ms: 900, samples: 1000 }, 50],
  ["the 95th percentile", undefined, { p95Ms: 900, samples: 20 }, 900],
  ["nothing, where too little is known", undefined, { p95Ms: 900, samples: 19.9 }, undefined],
  ["nothing, where nothing is known", undefined, undefined, undefined],
])("a call is hedged after %s", (_, afterMs, observed, delayMs) => {
  expect(hedgeDelayMs(afterMs, observed)).toBe(delayMs);
});
