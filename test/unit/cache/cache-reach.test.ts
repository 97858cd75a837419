import { describe, expect, it } from "vitest";
import type { CacheConfig } from "../../../worker/contract/config/config.ts";
import { decideReach } from "../../../worker/domain/cache/cache-reach.ts";
import type { Target } from "../../../worker/domain/routing/catalog.ts";

const cache = (kv: CacheConfig["kv"]): CacheConfig => ({ ttlSeconds: 60, staleSeconds: 60, kv });
const reach = (
  kv: CacheConfig["kv"],
  target: Pick<Target, "runsIn">,
  isWorthKv: () => boolean,
  body: Record<string, unknown> = { input: "text" },
) => decideReach({ cache: cache(kv), target, body }, isWorthKv);
const provider = { runsIn: "provider" } as const;
const local = { runsIn: "worker" } as const;

describe("how far an answer is carried", () => {
  it("is all of the world where KV pays, else the data centre", () => {
    expect(reach("auto", provider, () => true)).toBe("kv");
    expect(reach("auto", provider, () => false)).toBe("colo");
    expect(reach("never", provider, () => true)).toBe("colo");
  });

  it("is the data centre for what takes the Worker longer to compute than to fetch", () => {
    const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`);
    expect(reach("auto", local, () => false, { input: texts(7) })).toBe("memory");
    expect(reach("auto", local, () => false, { input: texts(8) })).toBe("colo");
    expect(reach("auto", local, () => false, { query: "q", documents: texts(8) })).toBe("colo");
  });

  it("is the isolate's memory for what the Worker computes itself", () => {
    expect(reach("auto", local, () => true)).toBe("memory");
    expect(reach("never", local, () => true)).toBe("memory");
  });

  it("is what the config says where it says always, whoever answered", () => {
    expect(reach("always", provider, () => false)).toBe("kv");
    expect(reach("always", local, () => false)).toBe("kv");
  });
});
