import { describe, expect, it } from "vitest";
import { nameCalls } from "../../chaos/history/name-calls.ts";

const orders = [
  { key: "k1", text: "one" },
  { key: "k2", text: "two" },
  { key: "k3", text: "three" },
];
const submission = (key: string, job: string | null) => ({
  key,
  replay: false,
  began: 1,
  ended: 2,
  reply: job === null ? null : { status: 202, job, replayed: false, body: "" },
});
const submissions = [
  submission("k1", "job_1"),
  submission("k2", null),
  submission("k2", "job_2"),
  submission("k3", null),
];
const shared = `group_${"a".repeat(64)}`;
const name = (key: string | null, texts: string[] = []) => nameCalls([{ key, texts }], orders, submissions);

describe("a call", () => {
  it("is its job's by its key, whatever it asks", () => {
    expect(name("job_9", ["one"])).toEqual([{ job: "job_9" }]);
    expect(name(null)).toEqual([{ job: null }]);
  });

  it("that several share belongs to each job whose text is in it, and to none where it has none of their texts", () => {
    expect(name(shared, ["two", "one"])).toEqual([{ job: "job_2" }, { job: "job_1" }]);
    expect(name(shared, ["three", "four"])).toEqual([{ job: null }, { job: null }]);
  });
});
