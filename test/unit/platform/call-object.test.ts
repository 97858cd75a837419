import { describe, expect, it } from "vitest";
import type { JobPort } from "../../../worker/domain/jobs/job-protocol.ts";
import { callObject, ObjectUnavailable } from "../../../worker/platform/call-object.ts";

/** Opens stubs of which each fails with the next of these errors, and the rest answer. */
function failing(...errors: object[]) {
  const opened: unknown[] = [];
  const open = () => {
    const stub = { n: opened.length };
    opened.push(stub);
    return stub as unknown as JobPort;
  };
  const ask = () => {
    const error = errors.shift();
    return error ? Promise.reject(Object.assign(new Error("no answer"), error)) : Promise.resolve("answer");
  };
  return { opened, reply: () => callObject(open, ask) };
}

describe("callObject", () => {
  it("asks again, by a fresh stub, where the platform says that it can help", async () => {
    const { opened, reply } = failing({ retryable: true }, { retryable: true });
    expect(await reply()).toBe("answer");
    expect(new Set(opened).size).toBe(3);
  });

  it.each([
    ["an object that is overloaded", { retryable: true, overloaded: true }],
    ["a failure that a repeat cannot help", {}],
  ])("never asks again after %s", async (_, error) => {
    const { opened, reply } = failing(error);
    await expect(reply()).rejects.toThrow(ObjectUnavailable);
    expect(opened).toHaveLength(1);
  });

  it("gives up after three", async () => {
    const { opened, reply } = failing(...Array.from({ length: 5 }, () => ({ retryable: true })));
    await expect(reply()).rejects.toThrow(ObjectUnavailable);
    expect(opened).toHaveLength(3);
  });
});
