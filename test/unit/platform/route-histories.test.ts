import { describe, expect, it } from "vitest";
import { addLookup, NO_HISTORY } from "../../../worker/domain/cache/kv-admission.ts";
import { RouteHistories } from "../../../worker/platform/route-histories.ts";

describe("RouteHistories", () => {
  it("keeps each route's history apart", () => {
    const histories = new RouteHistories();
    histories.update("chat", (seen) => addLookup(seen, true));
    histories.update("chat", (seen) => addLookup(seen, false));
    expect(histories.get("chat")).toMatchObject({ lookups: 2, hits: 1 });
    expect(histories.get("embed")).toBe(NO_HISTORY);
  });

  it("remembers a thousand routes and forgets the oldest past that", () => {
    const histories = new RouteHistories();
    const known = () =>
      Array.from({ length: 1500 }, (_, at) => at).filter((at) => histories.get(`m${at}`) !== NO_HISTORY);
    for (let at = 0; at < 1000; at++) histories.update(`m${at}`, (seen) => addLookup(seen, true));
    expect(known()).toHaveLength(1000);
    for (let at = 1000; at < 1500; at++) histories.update(`m${at}`, (seen) => addLookup(seen, true));
    expect(known()).toHaveLength(1000);
    expect(known()[0]).toBe(500);
  });

  it("forgets nothing for an update of what it knows", () => {
    const histories = new RouteHistories();
    for (let at = 0; at < 1000; at++) histories.update(`m${at}`, (seen) => addLookup(seen, true));
    histories.update("m999", (seen) => addLookup(seen, true));
    expect(histories.get("m0").lookups).toBe(1);
    expect(histories.get("m999").lookups).toBe(2);
  });
});
