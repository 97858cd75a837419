import { describe, expect, it } from "vitest";
import type { JobServices } from "../../../worker/flows/jobs/job-services.ts";
import { removeJob } from "../../../worker/flows/jobs/remove-job.ts";
import type { JobStatus } from "../../../worker/contract/jobs/job-status.ts";
import { describeEntry, idOf, T } from "../jobs/job-entries.ts";

const DAY = 86_400_000;

/** Services of one job, which say what they were asked, in order. */
function open({ status = "succeeded", listFails = false }: { status?: JobStatus; listFails?: boolean } = {}) {
  const asked: unknown[] = [];
  const job = {
    read: async (tenant: string) => {
      if (tenant !== "acme") return { kind: "absent" };
      return { kind: "found", document: describeEntry(1, { status }), output: null };
    },
    remove: async () => {
      asked.push("job.remove");
      return { kind: "removed" };
    },
  };
  const services = {
    jobs: { find: () => ({ job }) },
    directories: {
      remove: async (...told: unknown[]) => {
        asked.push(told);
        if (listFails) throw new Error("gone");
      },
    },
  };
  return { asked, services: services as unknown as JobServices };
}

describe("removing a job", () => {
  it("takes it off the list before it is forgotten", async () => {
    const { asked, services } = open();
    expect(await removeJob(services, "acme", idOf(1))).toBe("removed");
    expect(asked).toEqual([["acme", { id: idOf(1), createdAt: T + 1 }, T + DAY], "job.remove"]);
  });

  it("leaves it as it is where the list cannot be reached, so that a repeat does both", async () => {
    const { asked, services } = open({ listFails: true });
    await expect(removeJob(services, "acme", idOf(1))).rejects.toThrow("gone");
    expect(asked).not.toContain("job.remove");
  });

  it("touches neither where the job has not ended, or is another tenant's", async () => {
    const running = open({ status: "in_progress" });
    expect(await removeJob(running.services, "acme", idOf(1))).toBe("not_terminal");
    const foreign = open();
    expect(await removeJob(foreign.services, "other", idOf(1))).toBe("absent");
    expect([...running.asked, ...foreign.asked]).toEqual([]);
  });
});
