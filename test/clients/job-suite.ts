/** What the published SDK must do with jobs, in every runtime; see the suite. */
import type * as SdkJobs from "../../sdk/jobs/index.ts";
import { expectMatch } from "./expect-match.ts";
import { failureOf, says } from "./suite-case.ts";
import type { SuiteCase, SuiteContext } from "./suite-case.ts";

function connectJobs({ jobs, baseURL, apiKey }: SuiteContext): SdkJobs.Headrace {
  return new jobs.Headrace({ baseURL, apiKey });
}

/** A job's parameters that no other case of any run has. */
function ask({ run }: SuiteContext, name: string): SdkJobs.JobParams<"embeddings"> {
  return { task: "embeddings", input: { model: "embed-uncached", input: `${run} ${name}` } };
}

const REFUSED = { kind: "status", status: 422 } as const;

export const jobSuite: Readonly<Record<string, SuiteCase>> = {
  "creates a job, waits for it, reads its output and has it forgotten": {
    shows: "jobs",
    run: async (context) => {
      const { jobs } = connectJobs(context);
      const created = await jobs.create({ ...ask(context, "life"), metadata: { run: context.run } });
      expectMatch(created, { object: "job", task: "embeddings", metadata: { run: context.run } });
      const ended = await jobs.wait(created.id);
      expectMatch(ended, { id: created.id, status: "succeeded", error: null, attempts: [{ status: 200 }] });
      expectMatch((await jobs.get(created.id)).output, ended.output);
      expectMatch(await jobs.output(created.id), { object: "list", data: [{ index: 0 }] });
      await jobs.delete(created.id);
      const gone = await failureOf(context, jobs.get(created.id));
      expectMatch(gone, { code: "not_found", status: 404, job: created.id });
    },
  },

  "makes one job under one key": {
    run: async (context) => {
      const { jobs } = connectJobs(context);
      const idempotencyKey = `${context.run}-key-${Date.now()}`;
      const first = await jobs.create(ask(context, "key"), { idempotencyKey });
      const second = await jobs.create(ask(context, "key"), { idempotencyKey });
      expectMatch([first.id, first.meta.replayed], [second.id, false]);
      expectMatch(second.meta.replayed, true);
      const other = await failureOf(context, jobs.create(ask(context, "other"), { idempotencyKey }));
      expectMatch(other, { code: "idempotency_key_reused", status: 422 });
    },
  },

  "runs a job to its output": {
    shows: "jobs",
    run: async (context) => {
      const headrace = connectJobs(context);
      const messages = says(`${context.run} run`);
      const { choices, job } = await headrace.run(
        "uncached",
        { messages },
        { metadata: { run: context.run } },
      );
      expectMatch(choices[0]?.message.content, `echo: ${context.run} run`);
      expectMatch(job, { status: "succeeded", task: "chat", metadata: { run: context.run } });
      const speech = await headrace.run("voice", { input: context.run, voice: "alloy" }, { task: "speech" });
      expectMatch([speech.type.startsWith("audio/"), speech.size > 0], [true, true]);
    },
  },

  "stacks jobs and another part on the client of another module": {
    run: async (context) => {
      const { sdk, jobs, baseURL, apiKey } = context;
      const Client = sdk.Headrace.with(jobs.jobs).with((settings) => ({ origin: settings.baseURL }));
      const client = new Client({ baseURL: `${baseURL}/v1`, apiKey });
      const { job } = await client.run("embed-uncached", { input: `${context.run} stacked` });
      expectMatch(await client.jobs.get(job.id), { id: job.id, status: "succeeded" });
      const answer = await client.embed({ model: "words", input: `${context.run} stacked` });
      expectMatch([answer.data.length, client.origin], [1, baseURL]);
    },
  },

  "follows a job's events while it streams, and reads the stream again afterwards": {
    run: async (context) => {
      const headrace = connectJobs(context);
      const seen: SdkJobs.JobEvent[] = [];
      const onUpdate = (event: SdkJobs.JobEvent): number => seen.push(event);
      const input = { messages: says(`${context.run} 🌊 stream`), stream: true } as const;
      const stream = await headrace.run("uncached", input, { onUpdate });
      const types = seen.map(({ type }) => type);
      expectMatch(
        types.filter((type) => type !== "job.output"),
        ["job.queued", "job.started", "job.succeeded"],
      );
      const text = seen
        .map((event) => (event.type === "job.output" ? (event.output.choices[0]?.delta.content ?? "") : ""))
        .join("");
      expectMatch(text, `echo: ${context.run} 🌊 stream`);
      expectMatch(await stream.text(), text);
      const again: string[] = [];
      const after = seen.at(-3)?.id;
      for await (const { id } of headrace.jobs.events(stream.job.id, { after })) again.push(id);
      expectMatch(
        again,
        seen.slice(-2).map(({ id }) => id),
      );
    },
  },

  "tells which job failed and why, and retries it as another": {
    faults: [{ times: 1, fault: REFUSED }],
    run: async (context) => {
      const headrace = connectJobs(context);
      const error = await failureOf(
        context,
        headrace.run("embed-uncached", { input: `${context.run} failed` }),
      );
      expectMatch(error, {
        code: "model_input_invalid",
        message: "A fault of status 422.",
        status: undefined,
      });
      const failed = await headrace.jobs.get(error.job ?? "");
      expectMatch(failed, { status: "failed", error: { code: "model_input_invalid" } });
      const second = await headrace.jobs.retry(failed.id);
      expectMatch(await headrace.jobs.wait(second.id), { status: "succeeded", retry_of: failed.id });
    },
  },

  "leaves a job that nobody waits for any more, and cancels it where it was asked to": {
    faults: [{ fault: { kind: "hang" } }],
    run: async (context) => {
      const { jobs } = connectJobs(context);
      const input = { model: "impatient", messages: says(`${context.run} left`) };
      const { id } = await jobs.create({ task: "chat", input });
      const left = await failureOf(context, jobs.wait(id, { timeoutMs: 100 }));
      expectMatch(left, { code: "timeout", job: id });
      expectMatch((await jobs.get(id)).ended_at, null);
      const controller = new AbortController();
      const waiting = jobs.wait(id, { signal: controller.signal, cancelOnAbort: true });
      controller.abort();
      expectMatch(await failureOf(context, waiting), { code: "aborted", job: id });
      expectMatch((await jobs.wait(id)).status, "canceled");
    },
  },

  "lists jobs by what they were labelled with, page after page": {
    run: async (context) => {
      const { jobs } = connectJobs(context);
      const metadata = { list: `${context.run} ${Date.now()}` };
      const create = (name: string) => jobs.create({ ...ask(context, name), metadata });
      const created = await Promise.all(["a", "b", "c"].map(create));
      for (const { id } of created) expectMatch((await jobs.wait(id)).status, "succeeded");
      const find = async (): Promise<string[]> => {
        const ids: string[] = [];
        for await (const { id } of jobs.list({ metadata, status: ["succeeded"], limit: 2 })) ids.push(id);
        return ids;
      };
      // The list hears of a job's end a moment after the job has ended.
      let ids = await find();
      while (ids.length < created.length) ids = await find();
      expectMatch(ids.toSorted(), created.map(({ id }) => id).toSorted());
      expectMatch(await jobs.list({ metadata, limit: 1 }), { data: [{ metadata }], has_more: true });
    },
  },

  "verifies a webhook's signature": {
    run: async (context) => {
      const { unwrap } = context.webhooks;
      const secret = btoa("a secret of thirty-two characters");
      const body = JSON.stringify({ type: "job.succeeded", data: { id: "job_é🌊" } });
      const headers = await sign(secret, body);
      expectMatch(await unwrap(body, headers, ["whsec_AAAA", `whsec_${secret}`]), {
        data: { id: "job_é🌊" },
      });
      const forged = await unwrap(`${body} `, headers, secret).catch((error: unknown) => error);
      expectMatch(forged, { name: "HeadraceError", code: "webhook_invalid" });
    },
  },
};

/** Signs as Standard Webhooks does. */
async function sign(secret: string, body: string): Promise<Headers> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = Uint8Array.from(atob(secret), (unit) => unit.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const signed = new TextEncoder().encode(`msg_1.${timestamp}.${body}`);
  const signature = btoa(
    String.fromCharCode(...new Uint8Array(await crypto.subtle.sign("HMAC", key, signed))),
  );
  return new Headers({
    "webhook-id": "msg_1",
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  });
}
