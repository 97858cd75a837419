import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, vi } from "vitest";
import type { DeliveryRef, NoticeReply, NoticeReport } from "../../../worker/domain/webhooks/job-notice.ts";
import { deriveWebhookSecrets } from "../../../worker/domain/webhooks/webhook-signature.ts";
import type { WebhookServices, Webhooks } from "../../../worker/flows/webhooks/webhook-services.ts";
import type { WebhookAnswer, WebhookDelivery } from "../../../worker/platform/call-webhook.ts";
import { createDisabledWebhooks } from "../../../worker/platform/disabled-webhooks.ts";
import type { Environment } from "../../../worker/platform/environment.ts";
import { sleep } from "../../../worker/platform/sleep.ts";
import { consumeWebhooks } from "../../../worker/queue/consume-webhooks.ts";

const job = `job_${"A".repeat(43)}`;
const master = "m".repeat(40);
const url = "https://app.example/hooks";
const payload = JSON.stringify({ type: "job.succeeded", timestamp: "…", data: { id: job } });
const due = { kind: "due", tenant: "acme", url, attempt: 1, createdAt: 0, payload } as const;

interface World {
  readonly notice?: NoticeReply;
  readonly answer?: WebhookAnswer;
  readonly webhooks?: Partial<Webhooks>;
  /** Makes the job's object unreachable when it is told what came of the delivery. */
  readonly unreachable?: boolean;
  readonly bodies?: readonly unknown[];
}

/** Consumes messages, one of the job's unless told, and gives all that was done for them. */
async function consume({ notice = due, answer = status(200), webhooks, unreachable, bodies }: World = {}) {
  const reports: NoticeReport[] = [];
  const called: WebhookDelivery[] = [];
  const disabled: string[] = [];
  const settled: string[] = [];
  const object = {
    notice: () => Promise.resolve(notice),
    reportNotice: (_: DeliveryRef, report: NoticeReport) => {
      if (unreachable === true) return Promise.reject(new Error("no answer"));
      reports.push(report);
      return Promise.resolve({ kind: "recorded" });
    },
  };
  const services = {
    jobs: { find: (id: string) => (id === job ? { id, job: object } : undefined) },
    log: { info: () => {}, warn: () => {} },
    now: () => Date.now(),
    sleep,
    random: () => 0.5,
    webhooks: {
      masters: [master],
      secretName: "HEADRACE_WEBHOOK_SECRET",
      development: false,
      call: (delivery: WebhookDelivery) => {
        called.push(delivery);
        return Promise.resolve(answer);
      },
      disabled: {
        has: () => Promise.resolve(false),
        add: (tenant: string, gone: string) => Promise.resolve(void disabled.push(`${tenant} ${gone}`)),
      },
      ...webhooks,
    },
  } as unknown as WebhookServices;
  const messages = (bodies ?? [{ v: 1, job }]).map((body, index) => ({
    id: String(index),
    body,
    ack: () => void settled.push(`${index} acked`),
    retry: () => void settled.push(`${index} retried`),
  }));
  await consumeWebhooks(services, messages as unknown as Message[], () => {});
  return { reports, called, disabled, settled: settled.toSorted() };
}

const status = (code: number, retryAfterMs?: number): WebhookAnswer => ({
  kind: "answered",
  status: code,
  retryAfterMs,
});

describe("a receiver that takes long", () => {
  it("holds up neither another tenant's notice nor the messages that come next", async () => {
    const called: string[] = [];
    const settled: string[] = [];
    const deferred: Promise<unknown>[] = [];
    const slow = Promise.withResolvers<WebhookAnswer>();
    const reports: string[] = [];
    const find = (id: string) => {
      const tenant = id.startsWith("job_b") ? "other" : "acme";
      const notice = () => Promise.resolve({ ...due, tenant, url: `https://${tenant}.example/` });
      const reportNotice = () => Promise.resolve(void reports.push(tenant));
      return { id, job: { notice, reportNotice } };
    };
    const services = {
      jobs: { find },
      log: { info: () => {}, warn: () => {} },
      now: () => Date.now(),
      sleep,
      random: () => 0.5,
      webhooks: {
        masters: [master],
        development: false,
        call: (delivery: WebhookDelivery) => {
          called.push(delivery.url);
          return delivery.url.includes("other") ? Promise.resolve(status(200)) : slow.promise;
        },
        disabled: { has: () => Promise.resolve(false) },
      },
    } as unknown as WebhookServices;
    const names = ["a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "b1"];
    const messages = names.map((name) => ({
      id: name,
      body: { v: 1, job: `job_${name.padEnd(43, "A")}` },
      ack: () => void settled.push(`${name} acked`),
      retry: () => void settled.push(`${name} retried`),
    }));
    await consumeWebhooks(services, messages as unknown as Message[], (work) => void deferred.push(work));
    expect(called.slice(0, 2)).toEqual(["https://acme.example/", "https://other.example/"]);
    expect(called).toHaveLength(6);
    expect(reports).toEqual(["other"]);
    expect(settled.toSorted()).toEqual([
      ...["a1", "a2", "a3", "a4", "a5"].map((name) => `${name} acked`),
      ...["a6", "a7", "a8"].map((name) => `${name} retried`),
      "b1 acked",
    ]);
    slow.resolve(status(200));
    await Promise.all(deferred);
    expect(reports).toHaveLength(6);
    expect(called).toHaveLength(6);
    expect(settled).toHaveLength(9);
  });
});

describe("a webhook's delivery", () => {
  it("is signed for its tenant, sent as it is, and reported", async () => {
    const { called, reports, settled } = await consume();
    expect([called.length, reports, settled]).toEqual([1, [{ kind: "delivered" }], ["0 acked"]]);
    const [delivery] = called;
    expect(delivery).toMatchObject({ url, body: payload, headers: { "content-type": "application/json" } });
    expect(delivery?.headers["webhook-id"]).toBe(`msg_${"A".repeat(43)}_succeeded`);
    const [secret = ""] = await deriveWebhookSecrets([master], "acme");
    expect(new Webhook(secret).verify(payload, delivery?.headers ?? {})).toEqual(JSON.parse(payload));
  });

  it("bears the same id at every attempt", async () => {
    const ids = await Promise.all(
      [1, 2, 8].map(async (attempt) => {
        const { called } = await consume({ notice: { ...due, attempt } });
        return called[0]?.headers["webhook-id"];
      }),
    );
    expect(new Set(ids).size).toBe(1);
  });

  it("is not made where nothing is due", async () => {
    const { called, reports, settled } = await consume({ notice: { kind: "none" } });
    expect([called, reports, settled]).toEqual([[], [], ["0 acked"]]);
  });

  it.each([200, 201, 202, 204, 299])("has succeeded with %i", async (code) => {
    expect((await consume({ answer: status(code) })).reports).toEqual([{ kind: "delivered" }]);
  });

  it.each([199, 301, 302, 307, 308, 400, 401, 404, 409, 429, 500, 503])(
    "is tried again after %i",
    async (code) => {
      expect((await consume({ answer: status(code) })).reports).toEqual([
        { kind: "failed", retryAfterMs: 5000 },
      ]);
    },
  );

  it("is tried again where the receiver does not answer", async () => {
    const { reports } = await consume({ answer: { kind: "unanswered", reason: "no answer" } });
    expect(reports).toEqual([{ kind: "failed", retryAfterMs: 5000 }]);
  });

  it("waits longer each time, and as long as the receiver asks", async () => {
    const wait = async (attempt: number, retryAfterMs?: number) =>
      (await consume({ notice: { ...due, attempt }, answer: status(503, retryAfterMs) })).reports[0];
    expect(await wait(3)).toEqual({ kind: "failed", retryAfterMs: 1_800_000 });
    expect(await wait(1, 90_000)).toEqual({ kind: "failed", retryAfterMs: 90_000 });
    expect(await wait(8, 90_000)).toEqual({ kind: "failed", retryAfterMs: null });
  });

  it("ends with 410, which the tenant's next ones to that URL will find", async () => {
    const { reports, disabled } = await consume({ answer: status(410) });
    expect([reports, disabled]).toEqual([[{ kind: "disabled" }], [`acme ${url}`]]);
  });

  it("is dropped without a call where the receiver has said 410", async () => {
    const gone = { has: () => Promise.resolve(true), add: () => Promise.resolve() };
    const { called, reports } = await consume({ webhooks: { disabled: gone } });
    expect([called, reports]).toEqual([[], [{ kind: "disabled" }]]);
  });

  it("is given up where the URL is not allowed any more", async () => {
    const { called, reports } = await consume({ notice: { ...due, url: "http://127.0.0.1:9/" } });
    expect([called, reports]).toEqual([[], [{ kind: "failed", retryAfterMs: null }]]);
  });

  it("waits for a secret that has gone", async () => {
    const { called, reports } = await consume({ webhooks: { masters: [] } });
    expect([called, reports]).toEqual([[], [{ kind: "failed", retryAfterMs: 5000 }]]);
  });
});

describe("the consumer of webhooks", () => {
  it("keeps the message of a job whose object does not hear what came of it, and no other", async () => {
    const bodies = ["text", { v: 1, job }, { v: 2, job }, { v: 1, job: `job_${"B".repeat(43)}` }];
    const { settled } = await consume({ bodies, unreachable: true });
    expect(settled).toEqual(["0 acked", "1 retried", "2 acked", "3 acked"]);
  });

  it("calls five receivers at once, and the others as those have answered", async () => {
    const open: (() => void)[] = [];
    const call = async () => {
      const answered = Promise.withResolvers<void>();
      open.push(answered.resolve);
      await answered.promise;
      return status(200);
    };
    const bodies = Array.from({ length: 12 }, () => ({ v: 1, job }));
    const consumed = consume({ bodies, webhooks: { call } });
    for (const most of [5, 5, 2]) {
      await vi.waitFor(() => expect(open).toHaveLength(most));
      for (const answer of open.splice(0)) answer();
    }
    expect((await consumed).reports).toHaveLength(12);
  });
});

describe("the receivers that have said 410", () => {
  const { KV } = env as unknown as Environment;
  const logged: string[] = [];
  const log = { info: () => {}, warn: (event: string) => void logged.push(event) };

  it("are known by tenant and URL, for a day, and not by their URL in clear", async () => {
    const disabled = createDisabledWebhooks(KV, log);
    await disabled.add("acme", `${url}?token=hunter2`);
    expect(await disabled.has("acme", `${url}?token=hunter2`)).toBe(true);
    expect(await disabled.has("another", `${url}?token=hunter2`)).toBe(false);
    expect(await disabled.has("acme", url)).toBe(false);
    const { keys } = await KV.list({ prefix: "webhook-gone:" });
    expect(keys).toHaveLength(1);
    const daySeconds = (keys[0]?.expiration ?? 0) - Date.now() / 1000;
    expect(Math.abs(daySeconds - 86_400)).toBeLessThan(600);
    expect(keys[0]?.name).toMatch(/^webhook-gone:[0-9a-f]{64}$/);
  });

  it("are called again where storage fails, which is logged", async () => {
    const fail = () => Promise.reject(new Error("storage is down"));
    const disabled = createDisabledWebhooks({ get: fail, put: fail } as unknown as KVNamespace, log);
    await disabled.add("acme", url);
    expect(await disabled.has("acme", url)).toBe(false);
    expect(logged).toEqual(["webhook_storage_failed", "webhook_storage_failed"]);
  });
});
