import { describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { webhookPayload } from "../../../worker/contract/webhooks.ts";
import { buildNoticeId, buildNoticePayload } from "../../../worker/domain/webhooks/webhook-payload.ts";
import * as z from "zod/mini";

const id = `job_${"A".repeat(43)}`;
const job = (change: Partial<JobDocument> = {}): JobDocument => ({
  id,
  object: "job",
  task: "chat",
  status: "succeeded",
  model: "smart",
  created_at: "2026-11-22T09:00:00.000Z",
  started_at: "2026-11-22T09:00:01.000Z",
  ended_at: "2026-11-22T09:00:02.000Z",
  expires_at: "2026-11-23T09:00:02.000Z",
  attempts: [],
  progress: null,
  next_attempt_at: null,
  output: { secret: "the answer" },
  error: null,
  usage: null,
  cost_usd: 1,
  saved_usd: null,
  cache: "miss",
  window: null,
  retry_of: null,
  metadata: { user: "42" },
  urls: { self: "", events: "", output: "", cancel: "" },
  ...change,
});
const built = (change: Partial<JobDocument> = {}) => buildNoticePayload(job(change)) ?? "";

describe("a notice's payload", () => {
  it("tells which job ended, how and when, and nothing of its output", () => {
    expect(JSON.parse(built())).toEqual({
      type: "job.succeeded",
      timestamp: "2026-11-22T09:00:02.000Z",
      data: {
        id,
        status: "succeeded",
        task: "chat",
        model: "smart",
        metadata: { user: "42" },
        created_at: "2026-11-22T09:00:00.000Z",
        ended_at: "2026-11-22T09:00:02.000Z",
        error: null,
      },
    });
  });

  it.each(["succeeded", "failed", "canceled", "expired"] as const)(
    "has a type of its own for %s",
    (status) => {
      const parsed = z.safeParse(webhookPayload, JSON.parse(built({ status })));
      expect(parsed.data?.type).toBe(`job.${status}`);
    },
  );

  it("tells the code of what went wrong, not the words", () => {
    const error = { code: "upstream_error", message: "The provider failed." } as const;
    expect(JSON.parse(built({ status: "failed", error }))).toMatchObject({
      data: { error: "upstream_error" },
    });
  });

  it.each(["queued", "in_progress", "awaiting_review"] as const)("is none while the job is %s", (status) => {
    expect(buildNoticePayload(job({ status, ended_at: null }))).toBeUndefined();
  });

  it("stays within 20 KB by leaving out metadata that is too large", () => {
    const pairs = (letter: string) =>
      Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`${n}`, letter.repeat(512)]));
    expect(JSON.parse(built({ metadata: pairs("a") }))).toMatchObject({ data: { metadata: pairs("a") } });
    for (const letter of ["水", "\u0001"]) {
      const text = built({ metadata: pairs(letter) });
      expect(new TextEncoder().encode(text).byteLength).toBeLessThanOrEqual(20 * 1024);
      expect(JSON.parse(text)).toMatchObject({ data: { id, metadata: null } });
    }
  });
});

describe("a notice's id", () => {
  it("is one for a job's event, and holds none of what parts the signed text", () => {
    expect(buildNoticeId(id, built())).toBe(`msg_${"A".repeat(43)}_succeeded`);
    expect(buildNoticeId(id, built({ status: "failed" }))).not.toContain(".");
  });
});
