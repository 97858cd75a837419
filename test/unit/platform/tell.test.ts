import { describe, expect, it, vi } from "vitest";
import type { Fact } from "../../../worker/domain/facts/fact.ts";
import { createTell } from "../../../worker/platform/tell.ts";

const fact: Fact = {
  kind: "job",
  job: "job_1",
  tenant: "acme",
  task: "chat",
  route: "chat",
  status: "succeeded",
  error: null,
  at: 7,
};
const defer = () => {};

describe("telling a fact", () => {
  it("lets every listener hear it, with the means to work on behind the response", () => {
    const [log, ledger] = [vi.fn(), vi.fn()];
    createTell({ log: { hear: log }, ledger: { hear: ledger } }, { info: () => {}, warn: () => {} })(
      fact,
      defer,
    );
    expect(log.mock.calls).toEqual([[fact, defer]]);
    expect(ledger.mock.calls).toEqual([[fact, defer]]);
  });

  it("counts a listener that throws, logs the first time only, and hurts nobody", () => {
    const warn = vi.fn();
    const after = vi.fn();
    const error = new Error("the ledger is full");
    const ledger = vi.fn(() => {
      throw error;
    });
    const tell = createTell({ ledger: { hear: ledger }, after: { hear: after } }, { info: () => {}, warn });
    for (let time = 0; time < 3; time++) expect(() => tell(fact, defer)).not.toThrow();
    expect(tell.failures).toEqual(new Map([["ledger", 3]]));
    expect(warn.mock.calls).toEqual([["listener_failed", { listener: "ledger", error }]]);
    expect(after).toHaveBeenCalledTimes(3);
  });

  it("has those flush who wait with something, and counts where that fails", () => {
    const flush = vi.fn(() => {
      throw new Error("no");
    });
    const tell = createTell(
      { log: { hear: vi.fn(), flush }, other: { hear: vi.fn() } },
      { info: () => {}, warn: () => {} },
    );
    tell.flush(defer);
    expect(flush.mock.calls).toEqual([[defer]]);
    expect(tell.failures).toEqual(new Map([["log", 1]]));
  });

  it("logs the first failure of each that throws", () => {
    const warn = vi.fn();
    const fail = () => {
      throw new Error("no");
    };
    const tell = createTell({ one: { hear: fail }, two: { hear: fail } }, { info: () => {}, warn });
    tell(fact, defer);
    tell(fact, defer);
    expect(warn.mock.calls.map(([, fields]) => (fields as { listener: string }).listener)).toEqual([
      "one",
      "two",
    ]);
    expect(tell.failures).toEqual(new Map(Object.entries({ one: 2, two: 2 })));
  });
});
