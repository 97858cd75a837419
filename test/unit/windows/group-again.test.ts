import { describe, expect, it } from "vitest";
import { groupAgain, type MemberAgain } from "../../../worker/domain/windows/group-again.ts";

const member = (id: string, changes: Partial<MemberAgain> = {}): MemberAgain => ({
  id,
  waitMs: 8000,
  retryAt: 9000,
  postponed: false,
  ...changes,
});
const units = (members: readonly MemberAgain[], tries = 1) =>
  groupAgain(members, tries).map(({ ids, notBefore }) => [ids.join(""), notBefore]);

describe("jobs of a group that are to be run again", () => {
  it("stay together, and are due when the first of them is", () => {
    expect(units([member("a", { retryAt: 9010 }), member("b")])).toEqual([["ab", 9000]]);
    expect(units([])).toEqual([]);
  });

  it("leave those behind that cannot wait as long", () => {
    const urgent = { waitMs: 3000, retryAt: 4000 };
    expect(units([member("a"), member("b", urgent), member("c")])).toEqual([
      ["b", 4000],
      ["ac", 9000],
    ]);
  });

  it("are run in halves after they have failed together twice", () => {
    const members = Array.from("abcde", (id) => member(id));
    expect(units(members, 2)).toEqual([
      ["abc", 9000],
      ["de", 9000],
    ]);
    expect(units([member("a")], 9)).toEqual([["a", 9000]]);
  });

  it("are apart from those that no call was made for, which stay together", () => {
    const members = [member("a"), member("b", { postponed: true }), member("c", { postponed: true })];
    expect(groupAgain(members, 9)).toMatchObject([
      { ids: ["b", "c"], postponed: true },
      { ids: ["a"], postponed: false },
    ]);
  });
});
