import { chatBody, jsonHeaders, ourHeaders } from "../scenario.ts";

/** The gateway, and the baseline's Worker. */
export type JobSubject = "headrace" | "write-and-send";

/** A way to hand work in, as many times a second as is told. */
export interface JobScenario {
  readonly name: string;
  readonly subject: JobSubject;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The answer comes before the result does: the job's own document tells when it ended. */
  readonly queued: boolean;
}

export const JOBS_TITLE = "jobs, as they come";

/** What a job's CPU time may be of the baseline's. */
export const CPU_GOAL = 1.7;

const asJob = (model: string, more: object = {}) =>
  JSON.stringify({ task: "chat", input: JSON.parse(chatBody(model)) as object, ...more });

export const WRITE_AND_SEND: JobScenario = {
  name: "one object write + one queue send",
  subject: "write-and-send",
  path: "/",
  headers: jsonHeaders,
  body: asJob("chat"),
  queued: false,
};

export const QUEUED: JobScenario = {
  name: "queued (POST /v1/jobs)",
  subject: "headrace",
  path: "/v1/jobs",
  headers: ourHeaders,
  body: asJob("chat"),
  queued: true,
};

/** As short as a job can be kept, so that a run sees it forgotten. */
export const SHORTEST_RETENTION_SECONDS = 60;
export const FORGOTTEN_SOON: JobScenario = {
  ...QUEUED,
  body: asJob("chat", { retain_for: SHORTEST_RETENTION_SECONDS }),
};

/** An upstream that takes longer than the directory's news of new jobs gathers: each job is told twice. */
export const SLOW: JobScenario = {
  ...QUEUED,
  name: "queued, the upstream takes 2 s",
  body: asJob("slow", { retain_for: SHORTEST_RETENTION_SECONDS }),
};

export const INLINE: JobScenario = {
  name: "inline (Idempotency-Key)",
  subject: "headrace",
  path: "/v1/chat/completions",
  headers: { ...ourHeaders, "idempotency-key": "bench-{n}" },
  body: chatBody("chat"),
  queued: false,
};
