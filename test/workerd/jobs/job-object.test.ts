import { describe, expect, it } from "vitest";
import { encodeJobId } from "../../../worker/domain/jobs/job-id.ts";
import { answer, failedRun, policy, submission, TENANT } from "../../unit/jobs/job-events.ts";
import { jobs, openJob, type OpenJob, T } from "./open-job.ts";

const LEASE = 600_000;
const RETAIN = 86_400_000;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function statusOf({ job }: OpenJob, tenant = TENANT): Promise<string> {
  const view = await job.read(tenant, false);
  return view.kind === "found" ? view.document.status : view.kind;
}

async function claimed(open: OpenJob): Promise<number> {
  const reply = await open.job.claim(LEASE);
  if (reply.kind !== "claimed") throw new Error(`not claimed: ${reply.kind}`);
  return reply.lease.epoch;
}

describe("a job's object", () => {
  it("takes a job from submission to its output", async () => {
    const open = await openJob();
    expect(await open.job.submit(submission())).toMatchObject({
      kind: "created",
      view: { kind: "found", document: { id: open.id, status: "queued" }, output: null },
    });
    expect(open.sent).toEqual([]);
    const lease = await open.job.claim(LEASE);
    expect(lease).toMatchObject({ kind: "claimed", lease: { epoch: 1 }, facts: { model: "embed" } });
    if (lease.kind === "claimed") expect(text(lease.request)).toBe('{"model":"embed","input":"x"}');
    expect(await open.job.complete(1, answer())).toEqual({ kind: "recorded", status: "succeeded" });
    const view = await open.job.read(TENANT, true);
    expect(view).toMatchObject({
      document: { id: open.id, status: "succeeded", cost_usd: 0.25, attempts: [{ n: 1, status: 200 }] },
      output: { contentType: "application/json" },
    });
    if (view.kind === "found" && view.output)
      expect(text(view.output.bytes)).toBe('{"object":"list","data":[]}');
  });

  it("is found by its id, by its key, and by nobody else's", async () => {
    const open = await openJob(jobs.keyed(TENANT, { source: "client", key: "one" }));
    await open.job.submit(submission());
    expect(jobs.keyed(TENANT, { source: "client", key: "one" }).id).toBe(open.id);
    expect(jobs.keyed(TENANT, { source: "content", key: "one" }).id).not.toBe(open.id);
    expect(jobs.keyed("other", { source: "client", key: "one" }).id).not.toBe(open.id);
    expect(await jobs.find(open.id)?.job.read(TENANT, false)).toMatchObject({ kind: "found" });
    for (const id of [encodeJobId("ab".repeat(32)), "job_1", ""]) expect(jobs.find(id)).toBeUndefined();
  });

  it("shows another tenant nothing: the same as a job that does not exist", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    for (const each of [open, await openJob()]) {
      expect(await each.job.read("other", true)).toEqual({ kind: "absent" });
      expect(await each.job.cancel("other")).toEqual({ kind: "absent" });
      expect(await each.job.remove("other")).toEqual({ kind: "absent" });
    }
    expect(await statusOf(open)).toBe("queued");
  });

  it("that was never given a job stores nothing, whatever it is asked", async () => {
    const open = await openJob();
    await open.job.read(TENANT, true);
    expect(await open.job.claim(LEASE)).toEqual({ kind: "absent" });
    expect(await open.job.complete(1, answer())).toEqual({ kind: "refused", why: "absent" });
    expect(await open.job.deadLetter()).toEqual({ kind: "absent" });
    expect(open.rows).toEqual([]);
    expect(await open.armedAt()).toBeNull();
  });

  it("makes one job of fifty identical submissions at once", async () => {
    const open = await openJob(jobs.keyed(TENANT, { source: "client", key: "fifty" }));
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const { job } = jobs.keyed(TENANT, { source: "client", key: "fifty" });
        return index % 2 === 0 ? job.submit(submission()) : job.submitAndClaim(submission(), LEASE);
      }),
    );
    expect(replies.filter(({ kind }) => kind === "existing")).toHaveLength(49);
    expect(replies.filter(({ kind }) => kind === "created" || kind === "claimed")).toHaveLength(1);
    expect(await open.job.submit(submission({ fingerprint: "another" }))).toEqual({ kind: "reused" });
  });

  it("gives one lease to twenty who claim at once", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    const replies = await Promise.all(Array.from({ length: 20 }, () => open.job.claim(LEASE)));
    expect(replies.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
    expect(replies.filter(({ kind }) => kind === "wait")).toHaveLength(19);
  });
});

describe("rows written", () => {
  it("for a queued job are four from acceptance to outcome, and one for its retention", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    await open.job.complete(1, answer());
    await open.job.read(TENANT, true);
    await open.job.submit(submission());
    expect(open.rows).toEqual(["put job", "setAlarm", "put job", "put job"]);
    await open.alarm();
    expect(open.rows.slice(4)).toEqual(["setAlarm"]);
    expect(await open.armedAt()).toBe(RETAIN);
  });

  it("for an inline job are three, and one for its retention", async () => {
    const open = await openJob();
    await open.job.submitAndClaim(submission(), LEASE);
    await open.job.complete(1, answer());
    expect(open.rows).toEqual(["put job", "setAlarm", "put job"]);
    await open.alarm();
    expect(open.rows.slice(3)).toEqual(["setAlarm"]);
    expect(open.sent).toEqual([]);
  });

  it("are not written where nothing changes", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    const before = open.rows.length;
    await open.job.submit(submission());
    await open.job.complete(7, answer());
    await open.job.read(TENANT, false);
    await open.job.remove(TENANT);
    expect(open.rows).toHaveLength(before);
  });
});

describe("a job that loses its process", () => {
  it("after the commit and before the response is the same job when it is submitted again", async () => {
    const open = await openJob(jobs.keyed(TENANT, { source: "client", key: "lost-response" }));
    await open.job.submit(submission());
    await open.evict();
    expect(await open.job.submit(submission())).toMatchObject({
      kind: "existing",
      view: { document: { status: "queued" } },
    });
  });

  it("before the commit was never accepted, and nothing of it is left", async () => {
    const open = await openJob();
    open.alarmFails = true;
    await open.inside((instance) =>
      expect(instance.submit(submission())).rejects.toThrow("the disk is full"),
    );
    expect(await statusOf(open)).toBe("absent");
    await open.evict();
    expect(await statusOf(open)).toBe("absent");
    expect(open.sent).toEqual([]);
    open.alarmFails = false;
    expect(await open.job.submit(submission())).toMatchObject({ kind: "created" });
  });

  it("before the send, or whose send fails, is sent by the alarm until somebody claims it", async () => {
    const open = await openJob();
    open.sendFails = true;
    expect(await open.job.submit(submission())).toMatchObject({ kind: "created" });
    await open.evict();
    for (const [clock, next] of [
      [30_000, 90_000],
      [90_000, 210_000],
    ] as const) {
      open.clock = clock;
      expect(await open.alarm()).toBe(true);
      expect(await open.armedAt()).toBe(next);
      await open.evict();
    }
    expect(open.logged).toEqual(["job_send_failed", "job_send_failed"]);
    expect(open.sent).toHaveLength(2);
    await claimed(open);
    open.clock = 210_000;
    await open.alarm();
    expect(open.sent).toHaveLength(2);
  });

  it("before the upstream call is run again once its lease is over", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    await open.evict();
    expect(await open.job.claim(LEASE)).toEqual({ kind: "wait", until: T + LEASE });
    open.clock = 30_000;
    await open.alarm();
    expect(await open.armedAt()).toBe(LEASE);
    await open.evict();
    open.clock = LEASE;
    await open.alarm();
    expect(open.sent).toHaveLength(1);
    expect(await claimed(open)).toBe(2);
  });

  it("after the upstream call and before the commit has one outcome all the same", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    open.clock = LEASE;
    await open.alarm();
    await claimed(open);
    await open.evict();
    expect(await open.job.complete(1, answer({ contentType: "zombie" }))).toEqual({
      kind: "refused",
      why: "lease_lost",
    });
    expect(await open.job.complete(2, answer())).toMatchObject({ status: "succeeded" });
    await open.evict();
    expect(await open.job.complete(1, answer())).toEqual({ kind: "refused", why: "terminal" });
    expect(await open.job.failAttempt(2, failedRun())).toEqual({ kind: "refused", why: "terminal" });
    const view = await open.job.read(TENANT, true);
    expect(view).toMatchObject({ output: { contentType: "application/json" } });
  });

  it("and comes back to a job that was removed and asked again is not heard", async () => {
    const open = await openJob();
    await open.job.submitAndClaim(submission(), LEASE);
    open.clock = LEASE;
    await open.alarm();
    await open.job.cancel(TENANT);
    await open.job.remove(TENANT);
    await open.job.submitAndClaim(submission({ fingerprint: "another" }), LEASE);
    const old = { createdAt: T };
    const refused = { kind: "refused", why: "lease_lost" };
    expect(await open.job.extend(1, LEASE, old)).toEqual(refused);
    expect(await open.job.failAttempt(1, failedRun(), old)).toEqual(refused);
    expect(await open.job.complete(1, answer(), old)).toEqual(refused);
    expect(await statusOf(open)).toBe("in_progress");
    const own = { createdAt: T + LEASE };
    expect(await open.job.complete(1, answer(), own)).toMatchObject({ kind: "recorded" });
  });

  it("there is not repeated where the route forbids it", async () => {
    const open = await openJob();
    await open.job.submitAndClaim(submission({ policy: policy({ onUnknownOutcome: "fail" }) }), 1000);
    await open.evict();
    open.clock = 1000;
    await open.alarm();
    expect(await open.job.read(TENANT, false)).toMatchObject({
      document: { error: { code: "outcome_unknown" } },
    });
    expect(open.sent).toEqual([]);
  });

  it("before the acknowledgement tells the redelivered message that it is done", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    await open.job.complete(1, answer());
    await open.evict();
    expect(await open.job.claim(LEASE)).toEqual({ kind: "terminal", status: "succeeded" });
    expect(await open.job.complete(1, answer())).toEqual({ kind: "recorded", status: "succeeded" });
  });

  it("between attempts keeps what they did, and the time of the next", async () => {
    const open = await openJob();
    await open.job.submitAndClaim(submission(), LEASE);
    expect(await open.job.failAttempt(1, failedRun({ retryAfterMs: 5000 }))).toEqual({
      kind: "retry",
      retryAt: T + 5000,
    });
    expect(open.sent).toEqual([{ job: open.id, delaySeconds: 5 }]);
    await open.evict();
    expect(await open.job.claim(LEASE)).toEqual({ kind: "wait", until: T + 5000 });
    open.clock = 5000;
    expect(await claimed(open)).toBe(2);
    expect(await open.job.read(TENANT, false)).toMatchObject({
      document: { attempts: [{ n: 1, status: 503 }] },
    });
  });

  it("while it is being cancelled is cancelled", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    expect(await open.job.cancel(TENANT)).toEqual({ kind: "canceling" });
    await open.evict();
    expect(await open.job.extend(1, LEASE)).toMatchObject({ canceling: true });
    await open.job.complete(1, answer());
    expect(await open.job.read(TENANT, true)).toMatchObject({
      document: { status: "canceled", cost_usd: 0.25 },
      output: null,
    });
  });
});

describe("the alarm", () => {
  it("that comes twice does its work once", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    open.clock = 30_000;
    await open.alarm();
    await open.alarm();
    expect(open.sent).toHaveLength(1);
  });

  it("that is missing is set again by whoever calls", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await open.inside((_, state) => state.storage.deleteAlarm());
    expect(await open.armedAt()).toBeNull();
    await open.evict();
    await open.job.read(TENANT, false);
    expect(await open.armedAt()).toBe(30_000);
  });

  it("that fails sets the next one instead of using up the platform's retries", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    const row = await open.inside((_, { storage }) => storage.kv.get("job"));
    await open.inside((_, { storage }) => storage.kv.put("job", { version: 99 }));
    for (const clock of [30_000, 90_000, 150_000, 210_000, 270_000, 330_000, 390_000, 450_000]) {
      await open.evict();
      open.clock = clock;
      expect(await open.alarm()).toBe(true);
      expect(await open.armedAt()).toBe(clock + 60_000);
    }
    expect(open.logged).toHaveLength(8);
    await open.inside((_, { storage }) => storage.kv.put("job", row));
    await open.evict();
    open.clock = 510_000;
    await open.alarm();
    expect(open.sent).toHaveLength(1);
  });

  it("whose last try died without a word sets the next before it works", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    open.rows.length = 0;
    open.clock = 30_000;
    await open.inside((instance) => instance.alarm({ isRetry: true, retryCount: 1, scheduledTime: T }));
    expect(open.rows).toEqual(["setAlarm", "put job"]);
    expect(await open.armedAt()).toBe(90_000);
  });

  it("forgets the job after its retention, pieces, alarm and all", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    await open.job.complete(1, answer({ output: new Uint8Array(4_000_000) }));
    await open.alarm();
    expect(await open.armedAt()).toBe(RETAIN);
    await open.evict();
    open.clock = RETAIN;
    await open.alarm();
    expect(await open.armedAt()).toBeNull();
    expect(await statusOf(open)).toBe("absent");
    expect(await open.inside((_, { storage }) => [...storage.kv.list()])).toEqual([]);
    expect(await open.job.submit(submission())).toMatchObject({ kind: "created" });
  });

  it("expires what nobody started in time", async () => {
    const open = await openJob();
    await open.job.submit(submission({ policy: policy({ startWithinMs: 1000 }) }));
    expect(await open.armedAt()).toBe(1000);
    open.clock = 1000;
    await open.alarm();
    expect(await statusOf(open)).toBe("expired");
  });

  it("goes with a job that is removed, which only an ended one can be", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    expect(await open.job.remove(TENANT)).toEqual({ kind: "not_terminal" });
    await open.job.deadLetter();
    expect(await open.job.remove(TENANT)).toEqual({ kind: "removed" });
    expect(await open.armedAt()).toBeNull();
    expect(await statusOf(open)).toBe("absent");
  });
});

describe("the tenant's directory", () => {
  const entries = ({ listed }: OpenJob) => listed.map(({ version, status }) => `${version} ${status}`);

  it("hears of the end at once, and once more from the alarm that follows", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    expect(open.listed).toEqual([]);
    await open.job.complete(1, answer());
    await expect.poll(() => entries(open)).toEqual(["3 succeeded"]);
    open.clock = 30_000;
    await open.evict();
    await open.alarm();
    expect(entries(open)).toEqual(["3 succeeded", "3 succeeded"]);
    expect(await open.armedAt()).toBe(RETAIN);
  });

  it("hears of a job that takes longer while it lasts", async () => {
    const open = await openJob();
    await open.job.submit(submission());
    open.clock = 30_000;
    await open.alarm();
    expect(entries(open)).toEqual(["1 queued"]);
  });

  it("that cannot be reached is told by one alarm after another", async () => {
    const open = await openJob();
    open.listFails = true;
    await open.job.submitAndClaim(submission(), LEASE);
    await open.job.complete(1, answer());
    for (const clock of [30_000, 90_000]) {
      open.clock = clock;
      await open.evict();
      await open.alarm();
      expect(await open.armedAt()).toBe(clock + 60_000);
    }
    open.listFails = false;
    open.clock = 150_000;
    await open.alarm();
    expect(entries(open)).toEqual(["3 succeeded"]);
    expect(await open.armedAt()).toBe(RETAIN);
  });
});

describe("a job's webhook", () => {
  const webhook = { url: "https://hooks.example/jobs", events: ["job.succeeded", "job.failed"] };
  const delivery = (attempt = 1) => ({ createdAt: T, attempt });
  const told = async (change: Partial<typeof webhook> = {}) => {
    const open = await openJob();
    await open.job.submitAndClaim(submission({ webhook: { ...webhook, ...change } }), LEASE);
    await open.job.complete(1, answer());
    return open;
  };

  it("is due at the end, signed by nobody yet, and settled once", async () => {
    const open = await told();
    expect(open.notices).toEqual([{ job: open.id, delaySeconds: 0 }]);
    const notice = await open.job.notice();
    expect(notice).toMatchObject({ kind: "due", tenant: TENANT, url: webhook.url, attempt: 1, createdAt: T });
    if (notice.kind === "due") expect(JSON.parse(notice.payload)).toMatchObject({ type: "job.succeeded" });
    expect(await open.job.reportNotice(delivery(), { kind: "delivered" })).toEqual({ kind: "recorded" });
    expect(await open.job.notice()).toEqual({ kind: "none" });
    expect(await open.job.reportNotice(delivery(), { kind: "delivered" })).toEqual({ kind: "none" });
  });

  it("is not due for ends that nobody asked about", async () => {
    const open = await told({ events: ["job.canceled"] });
    expect(open.notices).toEqual([]);
    expect(await open.job.notice()).toEqual({ kind: "none" });
  });

  it("is sent again, as its next delivery, when one fails", async () => {
    const open = await told();
    await open.job.reportNotice(delivery(1), { kind: "failed", retryAfterMs: 4200 });
    expect(open.notices.at(-1)).toEqual({ job: open.id, delaySeconds: 5 });
    await open.evict();
    // The same message delivered again: neither a second delivery now, nor a second report counts.
    expect(await open.job.notice()).toEqual({ kind: "none" });
    expect(await open.job.reportNotice(delivery(1), { kind: "failed", retryAfterMs: 0 })).toEqual({
      kind: "none",
    });
    open.clock = 4200;
    expect(await open.job.notice()).toMatchObject({ kind: "due", attempt: 2 });
    await open.job.reportNotice(delivery(2), { kind: "failed", retryAfterMs: null });
    expect(await open.job.notice()).toEqual({ kind: "none" });
  });

  it("is sent by the alarm when nobody reports, and the job is kept for it past its retention", async () => {
    const open = await openJob();
    const brief = submission({ webhook, policy: policy({ retainMs: 60_000 }) });
    await open.job.submitAndClaim(brief, LEASE);
    await open.job.complete(1, answer());
    for (const clock of [60_000, 120_000]) {
      open.clock = clock;
      await open.evict();
      await open.alarm();
      await open.alarm();
    }
    expect(open.notices).toHaveLength(3);
    expect(await statusOf(open)).toBe("succeeded");
    await open.job.reportNotice(delivery(), { kind: "delivered" });
    await open.alarm();
    expect(await statusOf(open)).toBe("absent");
  });

  it("that nobody ever reports on keeps the job for two days and no longer", async () => {
    const open = await told();
    open.clock = 2 * 86_400_000;
    await open.alarm();
    expect(await statusOf(open)).toBe("absent");
    expect(await open.armedAt()).toBeNull();
  });
});

describe("large bodies", () => {
  const filled = (sizeBytes: number) => Uint8Array.from({ length: sizeBytes }, (_, index) => index % 251);

  it.each([
    ["in the row", 1_700_000, ["put job"]],
    ["in pieces", 5_000_000, ["put output:0", "put output:1", "put output:2", "put job"]],
  ])("lie %s and come back as they were", async (_, sizeBytes, rows) => {
    const open = await openJob();
    await open.job.submit(submission());
    await claimed(open);
    const written = open.rows.length;
    await open.job.complete(1, answer({ output: filled(sizeBytes) }));
    expect(open.rows.slice(written)).toEqual(rows);
    await open.evict();
    const view = await open.job.read(TENANT, true);
    const bytes = view.kind === "found" ? view.output?.bytes : undefined;
    expect(bytes?.byteLength).toBe(sizeBytes);
    expect(bytes?.every((byte, index) => byte === index % 251)).toBe(true);
  });

  it("are taken to 25 MB, and past that the job says so", async () => {
    const full = await openJob();
    await full.job.submitAndClaim(submission(), LEASE);
    const most = new Uint8Array(25 * 1024 * 1024);
    expect(await full.job.complete(1, answer({ output: most }))).toMatchObject({ status: "succeeded" });
    const over = await openJob();
    await over.job.submitAndClaim(submission(), LEASE);
    const reply = await over.job.complete(1, answer({ output: new Uint8Array(most.byteLength + 1) }));
    expect(reply).toEqual({ kind: "recorded", status: "failed" });
    expect(await over.job.read(TENANT, true)).toMatchObject({
      document: { error: { code: "output_too_large" } },
      output: null,
    });
  });

  it("of a request survive the claims that come after", async () => {
    const open = await openJob();
    const request = filled(3_000_000);
    await open.job.submit(submission({ request }));
    for (let epoch = 1; epoch <= 2; epoch++) {
      await open.evict();
      const reply = await open.job.claim(LEASE);
      expect(reply.kind === "claimed" && reply.request.byteLength).toBe(request.byteLength);
      await open.job.failAttempt(epoch, failedRun({ retryAfterMs: 0 }));
    }
  });
});
