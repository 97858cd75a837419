import * as fc from "fast-check";
import { expect } from "vitest";
import { type JobDocument, jobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { Read } from "../inference/response-law.ts";

/** One job and all that its tenant can do to it, as commands against a model of what may be true of it. */

/** How the job comes to be, and what becomes of its call. */
export interface JobPlan {
  readonly door: "/v1/jobs" | "/v1/embeddings";
  readonly provider: "answers" | "refuses" | "fails once";
}

/** The gateway and the provider's gate, as the commands use them. */
export interface World {
  readonly plan: JobPlan;
  readonly key: string;
  readonly input: { readonly model: string; readonly input: string };
  call(method: string, path: string, options?: CallOptions): Promise<Read>;
  /** Lets the provider answer, from now on. */
  release(): Promise<unknown>;
}
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly foreign?: boolean;
}

/** What is known of the job. */
export class JobModel {
  /** Null while there is none, or no more. */
  id: string | null = null;
  /** As it was last seen. */
  document: JobDocument | null = null;
  /** Whether the provider answers: until then nothing but a cancel can end the job. */
  released = false;
  canceling = false;
  output: string | null = null;

  get phase(): "absent" | "live" | "ended" {
    if (this.id === null) return "absent";
    return this.document?.ended_at ? "ended" : "live";
  }

  /** Whether the job may have ended since it was last seen. */
  get mayEnd(): boolean {
    return this.phase === "live" && this.released;
  }

  /** Takes in a job as it was shown; throws where it cannot have come from how it was seen before. */
  see(text: string): JobDocument {
    const document = jobDocument.parse(JSON.parse(text));
    const before = this.document;
    this.document = document;
    if (before === null) return document;
    expect(document.id).toBe(before.id);
    expect(MOVES[before.status]).toContain(document.status);
    expect(document.attempts.slice(0, before.attempts.length)).toEqual(before.attempts);
    // Seen by a path that leaves the output out, or not: the rest is as it was, for ever.
    if (before.ended_at !== null) expect({ ...document, output: null }).toEqual({ ...before, output: null });
    if (document.ended_at !== null && this.canceling) expect(document.status).toBe("canceled");
    return document;
  }

  forget(): void {
    Object.assign(this, { id: null, document: null, canceling: false, output: null });
  }
}

const ENDS = ["succeeded", "failed", "canceled", "expired"] as const;
/** Where a job may be when it is seen next. */
const MOVES: Readonly<Record<JobDocument["status"], readonly string[]>> = {
  queued: ["queued", "in_progress", ...ENDS],
  in_progress: ["in_progress", "queued", ...ENDS],
  awaiting_review: [],
  succeeded: ["succeeded"],
  failed: ["failed"],
  canceled: ["canceled"],
  expired: ["expired"],
};

type Run = (model: JobModel, world: World) => Promise<void>;
const command = (name: string, run: Run): fc.AsyncCommand<JobModel, World> => ({
  check: () => true,
  run,
  toString: () => name,
});

/** One of the statuses that the phase allows; another where the job may have ended meanwhile. */
function expectStatus(model: JobModel, read: Read, allowed: Record<JobModel["phase"], readonly number[]>) {
  const { phase } = model;
  expect(model.mayEnd ? [...allowed.live, ...allowed.ended] : allowed[phase]).toContain(read.status);
}

const submitBody = ({ plan, input }: World, more: object = {}) =>
  plan.door === "/v1/jobs" ? { task: "embeddings", input: { ...input, ...more } } : { ...input, ...more };

const submit: Run = async (model, world) => {
  const { phase } = model;
  const headers = { "idempotency-key": world.key, prefer: "respond-async" };
  const read = await world.call("POST", world.plan.door, { headers, body: submitBody(world) });
  expect(read.headers.get("idempotent-replayed")).toBe(phase === "absent" ? null : "true");
  const id = read.headers.get("location")?.split("/").at(-1) ?? "";
  if (model.id !== null) expect(id).toBe(model.id);
  model.id = id;
  if (world.plan.door === "/v1/jobs" || read.status === 202) {
    expectStatus(model, read, { absent: [202, 200], live: [202], ended: [200] });
    model.see(read.text);
    return;
  }
  // The other door gives the answer itself, or why there is none.
  expectStatus(model, read, { absent: [], live: [], ended: [200, 409, 422, 502] });
  if (read.status === 200) expectOutput(model, read);
  if (model.document?.status === "canceled") expect(read.error?.code).toBe("job_canceled");
};

function expectOutput(model: JobModel, { text }: Read): void {
  if (model.output !== null) expect(text).toBe(model.output);
  model.output = text;
}

const submitOther: Run = async (model, world) => {
  if (model.phase === "absent") return;
  const headers = { "idempotency-key": world.key, prefer: "respond-async" };
  const body = submitBody(world, { user: "another" });
  const read = await world.call("POST", world.plan.door, { headers, body });
  expect([read.status, read.error?.code]).toEqual([422, "idempotency_key_reused"]);
};

const pathOf = (model: JobModel) => `/v1/jobs/${model.id ?? `job_${"A".repeat(43)}`}`;

const look: Run = async (model, world) => {
  const read = await world.call("GET", pathOf(model));
  expectStatus(model, read, { absent: [404], live: [200], ended: [200] });
  if (read.status === 200) expectJson(model, model.see(read.text));
};

function expectJson(model: JobModel, { status, output }: JobDocument): void {
  if (status !== "succeeded") expect(output).toBeNull();
  else if (model.output !== null) expect(output).toEqual(JSON.parse(model.output));
}

const readOutput: Run = async (model, world) => {
  const read = await world.call("GET", `${pathOf(model)}/output`);
  const ended = model.phase === "ended" && model.document?.status !== "succeeded" ? [404] : [200];
  expectStatus(model, read, { absent: [404], live: [409], ended: model.mayEnd ? [200, 404] : ended });
  if (read.status === 200) expectOutput(model, read);
};

const cancel: Run = async (model, world) => {
  const live = model.phase === "live";
  const read = await world.call("POST", `${pathOf(model)}/cancel`);
  expectStatus(model, read, { absent: [404], live: [200, 202], ended: [200] });
  if (read.status === 404) return;
  if (live && read.status === 202) model.canceling = true;
  const { status, progress } = model.see(read.text);
  if (read.status === 202) expect([status, progress?.phase]).toEqual(["in_progress", "canceling"]);
  else expect(ENDS).toContain(status);
  if (live && !model.released && read.status === 200) expect(status).toBe("canceled");
};

const remove: Run = async (model, world) => {
  const read = await world.call("DELETE", pathOf(model));
  expectStatus(model, read, { absent: [404], live: [409], ended: [204] });
  if (read.status === 204) model.forget();
};

const retry: Run = async (model, world) => {
  const read = await world.call("POST", `${pathOf(model)}/retry`);
  expectStatus(model, read, { absent: [404], live: [409], ended: [202] });
  if (read.status !== 202) return;
  const second = jobDocument.parse(JSON.parse(read.text));
  expect([second.retry_of, second.id === model.id]).toEqual([model.id, false]);
};

/** Another tenant finds nothing, whatever is there, and changes nothing. */
const meddle: Run = async (model, world) => {
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/output"],
    ["GET", "/events"],
    ["POST", "/cancel"],
    ["POST", "/retry"],
    ["DELETE", ""],
  ] as const) {
    const read = await world.call(method, pathOf(model) + path, { foreign: true });
    expect([read.status, read.error?.message]).toEqual([404, "There is no such job."]);
  }
};

/** All that happened, told once it is over; who has heard the last of it is sent away. */
const follow: Run = async (model, world) => {
  if (model.phase === "live") return;
  const path = `${pathOf(model)}/events`;
  const read = await world.call("GET", path);
  expectStatus(model, read, { absent: [404], live: [], ended: [200] });
  if (read.status !== 200) return;
  const types = [...read.text.matchAll(/^event: (\S+)$/gm)].map(([, type]) => type);
  expect([types[0], types.at(-1)]).toEqual(["job.queued", `job.${model.document?.status}`]);
  const ids = [...read.text.matchAll(/^id: (\d+)-0$/gm)].map(([, seq]) => Number(seq));
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  const last = `${ids.at(-1)}-0`;
  expect((await world.call("GET", path, { headers: { "last-event-id": last } })).status).toBe(204);
};

/** The provider answers; the job comes to the end that was planned, and is asked for at that end. */
export const settle: Run = async (model, world) => {
  model.released = true;
  await world.release();
  if (model.phase === "absent") return;
  const read = await world.call("GET", pathOf(model), { headers: { prefer: "wait=30" } });
  const { status, attempts, error } = model.see(read.text);
  if (status === "canceled") return;
  const { provider } = world.plan;
  expect([status, error?.code]).toEqual(
    provider === "refuses" ? ["failed", "model_input_invalid"] : ["succeeded", undefined],
  );
  expect(attempts.map(({ status: each }) => each).at(-1)).toBe(provider === "refuses" ? 422 : 200);
};

/** Any order of what can be asked of one job. */
export const jobCommands = fc.commands(
  [
    fc.constant(command("submit", submit)),
    fc.constant(command("submit", submit)),
    fc.constant(command("submit another under the key", submitOther)),
    fc.constant(command("look", look)),
    fc.constant(command("read the output", readOutput)),
    fc.constant(command("cancel", cancel)),
    fc.constant(command("remove", remove)),
    fc.constant(command("retry", retry)),
    fc.constant(command("meddle", meddle)),
    fc.constant(command("follow", follow)),
    fc.constant(command("settle", settle)),
  ],
  { maxCommands: 14, size: "max" },
);

export const jobPlan: fc.Arbitrary<JobPlan> = fc.record({
  door: fc.constantFrom("/v1/jobs", "/v1/embeddings"),
  provider: fc.constantFrom("answers", "answers", "refuses", "fails once"),
});
