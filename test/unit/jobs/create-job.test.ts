import { describe, expect, it } from "vitest";
import { createJobRequest } from "../../../worker/contract/jobs/create-job-request.ts";

const body = { task: "embeddings", input: { model: "embed", input: "x" } };

describe("the body of a new job", () => {
  it("needs a task and an input; the rest has defaults", () => {
    expect(createJobRequest.parse(body)).toEqual({
      ...body,
      retain_for: 86_400,
      metadata: {},
    });
  });

  it("tells a webhook of every end unless it names some", () => {
    const { webhook } = createJobRequest.parse({ ...body, webhook: { url: "https://a.example" } });
    expect(webhook?.events).toEqual(["job.succeeded", "job.failed", "job.canceled", "job.expired"]);
  });

  it("passes unknown fields of the input on, and tells of its own", () => {
    const input = { model: "embed", input: "x", novel: { a: 1 } };
    expect(createJobRequest.parse({ ...body, input }).input).toEqual(input);
    expect(createJobRequest.safeParse({ ...body, retain: 1 }).success).toBe(false);
  });

  it.each([
    { input: { model: 7 } },
    { task: "transcriptions" },
    { priority: "urgent" },
    { start_within: 0 },
    { complete_within: 604_801 },
    { retain_for: 59 },
    { webhook: { url: "https://a.example", events: [] } },
    { webhook: { url: "https://a.example", events: ["job.started"] } },
    { webhook: { url: "https://a.example", secret: "mine" } },
    { metadata: { a: 1 } },
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"])) },
  ])("is refused with %j", (change) => {
    expect(createJobRequest.safeParse({ ...body, ...change }).success).toBe(false);
  });
});
