import { describe, expect, it } from "vitest";
import { entry, LEASE_MS, START, WindowWorld } from "./window-world.ts";

const policy = { maxItems: 4, maxTokens: 100, padded: false, maxDelayMs: 10_000 };
const open = (change: Partial<typeof policy> = {}) => new WindowWorld({ ...policy, ...change });
const add = (world: WindowWorld, ids: string, changes = {}) =>
  world.add(Array.from(ids).map((id) => entry(id, changes)));
const idsOf = (world: WindowWorld, at = 0) => world.runs[at]?.entries.map(({ id }) => id).join("");

describe("jobs that wait", () => {
  it("are sent when they fill a group, with one message", () => {
    const world = open();
    add(world, "abc");
    expect(world.queue).toEqual([]);
    add(world, "de");
    expect(world.queue).toEqual([START]);
    world.deliver(0);
    expect(idsOf(world)).toBe("abcd");
    world.deliver(0);
    expect(world.runs).toHaveLength(1);
  });

  it("are sent when the first has waited for long enough, by the alarm", () => {
    const world = open();
    add(world, "a");
    world.now += 4000;
    add(world, "b");
    expect(world.armedAt).toBe(START + 10_000);
    world.now = START + 10_000;
    world.ring();
    world.deliver(0);
    expect(idsOf(world)).toBe("ab");
  });

  it("are sent sooner where one of them must be", () => {
    const world = open();
    add(world, "a");
    add(world, "b", { sendBy: START + 3000 });
    expect(world.armedAt).toBe(START + 3000);
    world.now = START + 3000;
    world.ring();
    world.deliver(0);
    expect(idsOf(world)).toBe("ab");
  });

  it("are sent again while nobody claims them, less and less often", () => {
    const world = open();
    add(world, "abcd");
    const sent: number[] = [];
    for (let alarm = 0; alarm < 7; alarm++) {
      sent.push(...world.queue.splice(0).map((at) => (at - START) / 1000));
      world.now = Math.max(world.now, world.armedAt ?? 0);
      world.ring();
    }
    expect(sent).toEqual([0, 30, 90, 210, 450, 930, 1830]);
  });

  it("are held once, however often they come", () => {
    const world = open();
    world.add([entry("a"), entry("a")]);
    add(world, "ab");
    add(world, "cd");
    world.deliver(0);
    expect(idsOf(world)).toBe("abcd");
  });

  it("can be taken out, and make room for others", () => {
    const world = open();
    add(world, "abc");
    world.cancel("b");
    add(world, "d");
    expect(world.queue).toEqual([]);
    add(world, "e");
    world.cancel("c");
    world.deliver(0);
    expect(idsOf(world)).toBe("ade");
  });

  it("are refused when there are too many, or too large together", () => {
    const world = open();
    const large = "x".repeat(4_000_000);
    for (const id of "abcd") {
      expect(world.window.takes(entry(id, { request: large }))).toBe(true);
      add(world, id, { request: large });
    }
    expect(world.window.takes(entry("e"))).toBe(false);
  });
});

describe("a group", () => {
  it("that failed is run again as one, not before it is due, and counted", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    world.end(0, "half again");
    add(world, "efgh");
    expect(world.queue).toEqual([START + 2000, START]);
    world.deliver(1);
    expect(idsOf(world)).toBe("efgh");
    world.now += 2000;
    world.deliver(0);
    expect(world.runs[1]).toMatchObject({ run: 2, lostRun: null });
    expect(idsOf(world, 1)).toBe("ab");
  });

  it("that failed waits no longer than the most urgent of its jobs can", () => {
    const world = open();
    add(world, "a", { completeBy: START + 3000 });
    add(world, "bcd");
    world.deliver(0);
    world.end(0, "half again");
    expect(world.queue).toEqual([START + 2000]);
    world.now += 1500;
    world.deliver(0);
    expect(idsOf(world)).toBe("ab");
  });

  it("is never claimed before its time: a message that comes early is sent once more", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    world.end(0, "half again");
    world.now += 500;
    world.deliver(0, true);
    expect(world.queue).toEqual([START + 2000]);
    world.now += 1499;
    world.deliver(0);
    expect([world.runs.length, world.queue]).toEqual([0, [START + 2999]]);
    world.now += 1000;
    world.deliver(0);
    expect(idsOf(world)).toBe("ab");
  });

  it("whose runs are lost again and again waits longer each time", () => {
    const world = open();
    add(world, "abcd");
    const waits = Array.from({ length: 4 }, () => {
      world.deliver(0);
      world.runs.splice(0);
      world.now += LEASE_MS;
      const lostAt = world.now;
      world.ring();
      world.now = world.queue[0] ?? NaN;
      return world.now - lostAt;
    });
    expect(waits).toEqual([0, 2000, 4000, 8000]);
  });

  it("whose run's lease is over is run again, and the next run is told of it", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    const [lost] = world.runs.splice(0);
    world.now += LEASE_MS;
    world.ring();
    world.evict();
    world.deliver(0);
    expect(world.runs[0]).toMatchObject({ id: lost?.id, run: 2, lostRun: { startedAt: START } });
    const late = { group: lost?.id ?? "", run: 1 };
    expect(world.window.settle(late, [], world.now)).toBe(false);
    expect(world.window.extend(late, LEASE_MS, world.now)).toBe(false);
    expect(world.window.holds("a")).toBe(true);
  });

  it("whose run's lease is over may still be reported while no other run has begun", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    world.now += LEASE_MS;
    world.ring();
    expect(world.extend(0)).toBe(true);
    world.deliver(0);
    expect(world.runs).toHaveLength(1);
    world.end(0, "answered");
    expect(world.window.isEmpty).toBe(true);
  });

  it("keeps what comes while it is run", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    add(world, "ef");
    world.evict();
    world.end(0, "answered");
    expect(["e", "f"].map((id) => world.window.holds(id))).toEqual([true, true]);
    world.evict();
    expect(["a", "e", "f"].map((id) => world.window.holds(id))).toEqual([false, true, true]);
  });
});

describe("rows", () => {
  const writtenBy = (world: WindowWorld, work: () => void) => {
    const before = world.written.length;
    work();
    return world.written.slice(before);
  };

  it("are one for jobs that come together, and two for a group's run; its alarm is set twice at most", () => {
    const world = open();
    expect(writtenBy(world, () => add(world, "abc"))).toEqual(["arrivals:0", "setAlarm"]);
    expect(writtenBy(world, () => add(world, "d"))).toEqual(["arrivals:1"]);
    expect(writtenBy(world, () => world.deliver(0))).toEqual(["head"]);
    expect(writtenBy(world, () => world.end(0, "answered"))).toEqual(["head"]);
  });

  it("of jobs that are done with are written over, and never those of others", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    const arrive = (ids: string) => writtenBy(world, () => add(world, ids)).find((row) => row !== "setAlarm");
    expect(arrive("ef")).toBe("arrivals:1");
    world.end(0, "answered");
    expect(arrive("g")).toBe("arrivals:0");
    world.evict();
    expect(arrive("h")).toBe("arrivals:2");
    world.deliver(0);
    expect(idsOf(world)).toBe("efgh");
  });

  it("are not written where nothing changes", () => {
    const world = open();
    add(world, "a");
    const idle = writtenBy(world, () => {
      add(world, "a");
      world.queue.push(world.now);
      world.deliver(0);
      world.cancel("nobody");
    });
    expect(idle).toEqual([]);
  });

  it("all go once nothing is held and the alarm comes", () => {
    const world = open();
    add(world, "abcd");
    world.deliver(0);
    world.end(0, "answered");
    world.ring();
    expect(world.rows.size).toBe(0);
  });
});
