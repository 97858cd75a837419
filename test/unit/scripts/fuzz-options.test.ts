import { expect, it } from "vitest";
import { findTimes, HELP, KINDS, readOptions } from "../../fuzz/options.ts";

it("draws all kinds, unless told which", () => {
  expect(readOptions([])).toMatchObject({ count: 10_000, kinds: Object.keys(KINDS) });
  expect(readOptions(["--only", "jobs", "--only", "answers", "--seed", "7", "--count", "99"])).toEqual({
    count: 99,
    seed: 7,
    kinds: ["jobs", "answers"],
  });
  expect(readOptions(["--help"])).toBeUndefined();
  for (const option of ["--count", "--seed", "--only"]) expect(HELP).toContain(option);
});

it.each([
  [["--count", "many"], "--count: expected a whole number"],
  [["--seed", "-1"], "--seed"],
  [["--only", "luck"], "--only: expected one of requests, answers, sockets, jobs"],
])("refuses %j and says what is right", (args, words) => {
  expect(() => readOptions(args)).toThrow(words);
});

it("draws as often as the count needs, and never less than the tests do", () => {
  expect(findTimes({ count: 4800, kinds: ["answers"] })).toBe(10);
  expect(findTimes({ count: 1, kinds: ["answers"] })).toBe(1);
});
