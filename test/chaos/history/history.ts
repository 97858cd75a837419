import type { JobStatus } from "../../../worker/contract/jobs/job-status.ts";

/**
 * What was done to the gateway and what it said, as seen from outside. `began` and `ended` count the
 * events of a run: of two things, one was before the other only where its end is before the other's
 * beginning.
 */
export interface Span {
  readonly began: number;
  readonly ended: number;
}

/** One try to submit an order; `reply` is null where the connection was lost before the answer. */
export interface Submission extends Span {
  readonly key: string;
  /** Made after everything had ended, to see what a repeat gives. */
  readonly replay: boolean;
  readonly reply: {
    readonly status: number;
    /** Named by the Location header, once the job is accepted. */
    readonly job: string | null;
    readonly replayed: boolean;
    readonly body: string;
  } | null;
}

/** One `GET /v1/jobs/{id}`. */
export interface Look extends Span {
  readonly job: string;
  readonly status: number;
  readonly body: string;
}

/** One `GET /v1/jobs/{id}/output`, or of its `/events`, after its end. */
export type Reading = Look;

/** A job that was canceled or deleted, from when that was first asked until there was an answer to it. */
export interface Change extends Look {
  readonly change: "cancel" | "delete";
  /** How often it was asked: answers may have been lost with their connection. */
  readonly tries: number;
}

/** One call that the provider received; `job` is what came as its idempotency key. */
export interface ProviderCall {
  readonly job: string | null;
}

/** One request that the webhooks' receiver got. */
export interface Notice {
  /** The job it tells of. */
  readonly job: string;
  /** Its `webhook-id`. */
  readonly id: string;
  readonly type: string;
  readonly body: string;
}

/** One entry of `GET /v1/jobs`. */
export interface ListedJob {
  readonly id: string;
  readonly status: JobStatus;
}

/** What somebody wanted, as far as the laws speak of it. */
export interface Wanted {
  readonly key: string;
  readonly text: string;
  readonly answers: "document" | "output";
  /** Whether the output is a stream of chunks. */
  readonly streamed: boolean;
  /** Whether its calls are shared with other jobs. */
  readonly shared: boolean;
  readonly webhook: boolean;
  /** The job that it is to be a retry of. */
  readonly retryOf: string | null;
  readonly isAnswerTo: (output: string, text: string) => boolean;
}

/** A time in which every call of the provider failed, and how many there were. */
export interface SeenOutage {
  readonly lengthMs: number;
  readonly calls: number;
}

export interface History {
  readonly orders: readonly Wanted[];
  readonly submissions: readonly Submission[];
  readonly looks: readonly Look[];
  readonly outputs: readonly Reading[];
  readonly events: readonly Reading[];
  readonly changes: readonly Change[];
  readonly calls: readonly ProviderCall[];
  readonly notices: readonly Notice[];
  /** The whole list, as it was when every job had ended. */
  readonly listed: readonly ListedJob[];
  readonly kills: number;
  readonly outages: readonly SeenOutage[];
  /** Lines of the gateway's log, by event. */
  readonly logged: ReadonlyMap<string, number>;
}

/** A job's document, as far as it is looked at here. */
export interface SeenJob {
  readonly id: string;
  readonly status: JobStatus;
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[];
  readonly output: unknown;
  readonly error: { readonly code: string } | null;
  readonly retry_of: string | null;
}

/** The document in a response; undefined where that is none. */
export function readDocument({ status, body }: { status: number; body: string }): SeenJob | undefined {
  if (status !== 200 && status !== 202) return undefined;
  try {
    const document = JSON.parse(body) as Partial<SeenJob>;
    return typeof document.status === "string" && Array.isArray(document.attempts)
      ? (document as SeenJob)
      : undefined;
  } catch {
    return undefined;
  }
}

const ENDED: ReadonlySet<JobStatus> = new Set(["succeeded", "failed", "canceled", "expired"]);

export const hasEnded = <T extends Pick<SeenJob, "status">>(job: T | undefined): job is T =>
  job !== undefined && ENDED.has(job.status);
