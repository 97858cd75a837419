import canonicalize from "canonicalize";
import type { RouteConfig } from "../../contract/config/config.ts";
import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { CreateJob } from "../../contract/jobs/create-job-request.ts";
import type { JobPolicy } from "../../contract/jobs/job-facts.ts";
import type { Task } from "../../contract/requests.ts";
import type { CacheDirectives } from "../cache/cache-directives.ts";
import { sha256Hex } from "../cache/cache-key.ts";
import type { IdempotencyKey } from "./job-id.ts";

type Times = Partial<Pick<CreateJob, "start_within" | "complete_within" | "retain_for">>;

const DAY_SECONDS = 86_400;
/** Cloud Tasks' default. */
const DEFAULT_ATTEMPTS = 100;

/**
 * What the route and the request decide about a job's life; a day to run and a day to be kept, unless told. A
 * job that names its time has all of it, and its number of runs is bounded only where the route says so.
 */
export const buildPolicy = (
  { attempts, onUnknownOutcome }: RouteConfig["jobs"],
  times: Times,
): JobPolicy => ({
  maxAttempts: attempts ?? (times.complete_within === undefined ? DEFAULT_ATTEMPTS : null),
  onUnknownOutcome,
  startWithinMs: times.start_within === undefined ? null : times.start_within * 1000,
  completeWithinMs: (times.complete_within ?? DAY_SECONDS) * 1000,
  retainMs: (times.retain_for ?? DAY_SECONDS) * 1000,
});

/** The request of a job, and its key. */
interface Asking {
  /** The client's own key. */
  readonly key: string | undefined;
  readonly route: Pick<RouteConfig, "idempotency">;
  readonly directives: Pick<CacheDirectives, "noStore" | "noCache">;
  readonly task: Task;
  /** The inference body. */
  readonly input: unknown;
  /** The path and the whole body of the request; for most requests that is the input itself. */
  readonly path: string;
  readonly body: unknown;
  /** What its headers ask of the answer, where they ask anything. */
  readonly betas: Readonly<Record<string, string>> | undefined;
}

export interface JobIdentity {
  /** Absent where the job is a new one, whatever else was submitted. */
  readonly key: IdempotencyKey | undefined;
  readonly fingerprint: string;
}

/**
 * Whether a route's jobs are identified by their content, where the client sends no key and accepts an old
 * answer.
 */
export const isKnownByContent = (
  { idempotency }: Pick<RouteConfig, "idempotency">,
  { noStore, noCache }: Pick<CacheDirectives, "noStore" | "noCache">,
): boolean => idempotency === "content" && !noStore && !noCache;

/**
 * What identifies a job: the client's key, or its content (task, input and betas, by whichever path it came), or
 * nothing.
 */
export async function identifyJob(asking: Asking): Promise<JobIdentity> {
  const { key, route, directives, task, input, path, body, betas } = asking;
  if (key !== undefined) {
    return { key: { source: "client", key }, fingerprint: await buildFingerprint(path, body) };
  }
  const content = await buildFingerprint(ENDPOINTS[task].path, betas ? { input, betas } : input);
  const known = isKnownByContent(route, directives);
  return { key: known ? { source: "content", key: content } : undefined, fingerprint: content };
}

/** Tells a repeat from another use of the same key: SHA-256 over method, path and the canonical body. */
export const buildFingerprint = (path: string, body: unknown): Promise<string> =>
  sha256Hex(`POST\n${path}\n${canonicalize(body) ?? ""}`);
