import { describe, expect, it } from "vitest";
import { ArrivingBodies } from "../../../worker/domain/requests/arriving-bodies.ts";

const KB = 1024;

/** An account of 1,000 KB, its clock, and which of its bodies have given way. */
function openIsolate() {
  const clock = { now: 0 };
  const gone: string[] = [];
  const bodies = new ArrivingBodies(() => clock.now, 1000 * KB);
  const open = (name: string, tenant = "a", kilobytes = 0) => {
    const body = bodies.open(tenant, () => void gone.push(name));
    body.grow(kilobytes * KB);
    return { ...body, grow: (more: number) => body.grow(more * KB) };
  };
  return { clock, gone, bodies, open };
}

describe("bodies that arrive", () => {
  it("give way where they stand still and another needs the room, the stillest first", () => {
    const { clock, gone, bodies, open } = openIsolate();
    open("first", "a", 300);
    clock.now = 10;
    open("second", "a", 300);
    clock.now = 20;
    const third = open("third", "a", 300);
    clock.now = 2000;
    expect(gone).toEqual([]);
    third.grow(200);
    expect(gone).toEqual(["first"]);
    expect(bodies.total).toBe(800 * KB);
    third.grow(300);
    expect(gone).toEqual(["first", "second"]);
  });

  it("do not give way while they move, up to twice the limit; past it they do", () => {
    const { gone, bodies, open } = openIsolate();
    const all = Array.from({ length: 4 }, (_, index) => open(`${index}`));
    for (let kilobytes = 0; kilobytes < 500; kilobytes += 100) for (const body of all) body.grow(100);
    expect([gone, bodies.total]).toEqual([[], 2000 * KB]);
    all[3]?.grow(1);
    expect(gone).toEqual(["0"]);
  });

  it("stand still by what they bring, not by how often", () => {
    const { clock, gone, open } = openIsolate();
    const drip = open("drip", "a", 900);
    for (clock.now = 0; clock.now < 3000; clock.now += 100) drip.grow(1);
    open("whole", "a", 200);
    expect(gone).toEqual(["drip"]);
  });

  it("are those of the tenant that holds most", () => {
    const { clock, gone, open } = openIsolate();
    open("small", "b", 100);
    clock.now = 10;
    for (const name of ["1", "2", "3"]) open(name, "a", 290);
    clock.now = 5000;
    open("late", "c", 100);
    expect(gone).toEqual(["1"]);
  });

  it("never give way where one is alone, whatever it holds", () => {
    const { clock, gone, open } = openIsolate();
    const alone = open("alone", "a", 1500);
    clock.now = 60_000;
    alone.grow(5000);
    expect(gone).toEqual([]);
  });

  it("are accounted for until they have come, and no longer", () => {
    const { clock, gone, bodies, open } = openIsolate();
    const given = open("given", "a", 900);
    clock.now = 2000;
    const body = open("body", "a", 200);
    expect(gone).toEqual(["given"]);
    given.grow(100);
    given.close();
    body.close();
    body.close();
    expect(bodies.total).toBe(0);
  });

  it("are forgotten first where their requests have been stopped without a word", () => {
    const { clock, gone, open } = openIsolate();
    open("lost", "b", 100);
    clock.now = 1_000_000;
    open("large", "a", 800);
    open("other", "a", 150);
    expect(gone).toEqual(["lost"]);
  });

  it("hold the limit, whatever they do", () => {
    const { clock, gone, bodies, open } = openIsolate();
    const all = Array.from({ length: 200 }, (_, index) => open(`${index}`, `t${index % 7}`));
    let peak = 0;
    for (let step = 0; step < 5000; step++) {
      clock.now += (step * 7919) % 50;
      all[(step * 104_729) % all.length]?.grow((step * 31) % 97);
      peak = Math.max(peak, bodies.total);
    }
    expect(peak).toBeLessThanOrEqual(2000 * KB);
    expect(new Set(gone).size).toBe(gone.length);
  });
});
