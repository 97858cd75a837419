import { describe, expect, it } from "vitest";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { pinOf, type Release } from "../../../worker/domain/config/release.ts";
import { createJobDirectories } from "../../../worker/platform/job-directories.ts";
import { createJobObjects } from "../../../worker/platform/job-objects.ts";
import { createJobWindows } from "../../../worker/platform/job-windows.ts";
import { createRequestWindows } from "../../../worker/platform/request-windows.ts";
import { valueOf } from "../unwrap-result.ts";

const config = valueOf(
  parseConfig(
    {
      providers: { cloud: { kind: "openai", baseUrl: { variable: "URL" } } },
      routes: { chat: { task: "chat", targets: [{ provider: "cloud", model: "m" }] } },
      tenants: { acme: { jurisdiction: "eu", pinObjects: true }, other: { jurisdiction: "eu" } },
    },
    buildRegistry({}),
  ),
);
const pin = (tenant: string) => pinOf({ config } as Release, tenant);

/** Cloudflare's namespaces, which the local platform has without jurisdictions: ids tell which they are of. */
function namespaceOf(jurisdiction = "any"): DurableObjectNamespace {
  const namespace: object = {
    jurisdiction: (name: string) => namespaceOf(name),
    newUniqueId: () => `${jurisdiction}/new`,
    idFromName: (name: string) => `${jurisdiction}/${name}`,
    get: (id: string) => {
      const tell = () => Promise.resolve(id);
      return { fetch: tell, run: tell, record: () => Promise.reject(new Error(id)) };
    },
  };
  return namespace as DurableObjectNamespace;
}

const entry = { id: "job_1" } as never;

describe("the objects of a tenant that is pinned to a jurisdiction", () => {
  /** Where each of a tenant's objects is. */
  async function whereAre(tenant: string): Promise<readonly string[]> {
    const directories = createJobDirectories(namespaceOf(), pin);
    const jobs = createJobObjects(namespaceOf(), pin);
    const key = { text: "k" } as never;
    const failed = (error: Error): string =>
      error.cause instanceof Error ? error.cause.message : error.message;
    const connected = [jobs.fresh(tenant), jobs.keyed(tenant, key)].map((job) => job.connect({}));
    const window = createRequestWindows(namespaceOf(), pin)
      .find("w", tenant)
      .run({} as never, {} as never);
    const recorded = directories.record(tenant, [entry]).then(() => "", failed);
    const seat = createJobWindows(namespaceOf(), pin).identify("w", tenant);
    return [...(await Promise.all([...connected, window, recorded])).map(String), seat];
  }

  it("are there, all of them", async () => {
    const places = await whereAre("acme");
    expect(places).toHaveLength(5);
    for (const place of places) expect(place).toContain("eu/");
  });

  it("are anywhere for others, even for those whose requests may not leave it", async () => {
    for (const tenant of ["other", "nobody", "constructor"])
      for (const place of await whereAre(tenant)) expect(place).not.toContain("eu/");
  });
});
