import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { Environment } from "../../../worker/platform/environment.ts";
import { HealthSharing } from "../../../worker/platform/health-sharing.ts";
import { createAskHealth } from "../../../worker/platform/provider-health.ts";
import { TargetHealth } from "../../../worker/platform/target-health.ts";

const real = env as unknown as Environment;
const ask = createAskHealth(real.PROVIDER_HEALTH);
const log = { info: () => undefined, warn: () => undefined };

/** An isolate that shares what it knows of providers, on some continent; its time is the test's. */
class Isolate {
  readonly health = new TargetHealth(() => 0.5);
  clock: number;
  readonly #sharing: HealthSharing;

  constructor(continent: string, clock = Date.now()) {
    this.clock = clock;
    this.#sharing = new HealthSharing({ ask, health: this.health, now: () => this.clock, log });
    this.#sharing.locate({ cf: { continent } });
  }

  fail(model: string, times = 5): void {
    for (let nth = 0; nth < times; nth++) {
      const call = { startedAt: this.clock, endedAt: this.clock, error: { code: "upstream_error" as const } };
      this.health.hear({ provider: "p", model }, call);
    }
  }

  answer(model: string): void {
    this.health.hear(
      { provider: "p", model },
      { startedAt: this.clock, endedAt: this.clock, error: undefined, isTrial: true },
    );
  }

  waitMs(model: string): number | undefined {
    return this.health.waitMs({ provider: "p", model }, this.clock);
  }

  async share(): Promise<number> {
    const deferred: Promise<unknown>[] = [];
    this.#sharing.touch("p", (work) => void deferred.push(work));
    await Promise.all(deferred);
    return deferred.length;
  }
}

describe("isolates of one continent", () => {
  it("learn from each other that a target fails, and that it is well again", async () => {
    const [one, two, far] = [new Isolate("EU"), new Isolate("EU"), new Isolate("AS")];
    one.fail("m");
    expect(await one.share()).toBe(1);
    expect(two.waitMs("m")).toBeUndefined();
    await two.share();
    await far.share();
    expect(two.waitMs("m")).toBeGreaterThan(0);
    expect(two.waitMs("other")).toBeUndefined();
    expect(far.waitMs("m")).toBeUndefined();

    // Its call after the pause is answered: the others need not wait any longer.
    one.clock += 2000;
    one.answer("m");
    await one.share();
    two.clock += 10_000;
    two.fail("m");
    expect(two.waitMs("m")).toBeGreaterThan(0);
  });

  it("ask once in ten seconds, and a second after something has changed", async () => {
    const isolate = new Isolate("SA");
    expect(await isolate.share()).toBe(1);
    isolate.clock += 9_999;
    expect(await isolate.share()).toBe(0);
    isolate.clock += 1;
    expect(await isolate.share()).toBe(1);
    isolate.clock += 500;
    isolate.fail("n");
    expect(await isolate.share()).toBe(0);
    isolate.clock += 500;
    expect(await isolate.share()).toBe(1);
  });
});
