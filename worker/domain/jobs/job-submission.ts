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

/** What the route and the request decide about a job's life; a day to run and a day to be kept, unless told. */
export const buildPolicy = (
  { attempts, onUnknownOutcome }: RouteConfig["jobs"],
  times: Times,
): JobPolicy => ({
  maxAttempts: attempts,
  onUnknownOutcome,
  startWithinMs: times.start_within === undefined ? null : times.start_within * 1000,
  completeWithinMs: (times.complete_within ?? DAY_SECONDS) * 1000,
  retainMs: (times.retain_for ?? DAY_SECONDS) * 1000,
});

/** What a job is asked for, and under which name. */
interface Asking {
  /** The client's own key. */
  readonly key: string | undefined;
  readonly route: Pick<RouteConfig, "idempotency">;
  readonly directives: Pick<CacheDirectives, "noStore" | "noCache">;
  readonly task: Task;
  /** The inference body. */
  readonly input: unknown;
  /** Where it was asked for, and all that was: for most, the input itself. */
  readonly path: string;
  readonly body: unknown;
}

export interface JobIdentity {
  /** Absent: a job of its own, whatever else was submitted. */
  readonly key: IdempotencyKey | undefined;
  readonly fingerprint: string;
}

/** Whether jobs of a route are known by what they ask, where the client has no key and wants nothing new. */
export const isKnownByContent = (
  { idempotency }: Pick<RouteConfig, "idempotency">,
  { noStore, noCache }: Pick<CacheDirectives, "noStore" | "noCache">,
): boolean => idempotency === "content" && !noStore && !noCache;

/**
 * What tells a job from others: the client's key; or its content, which is the same wherever and with
 * whatever else it is asked for; or nothing.
 */
export async function identifyJob(asking: Asking): Promise<JobIdentity> {
  const { key, route, directives, task, input, path, body } = asking;
  if (key !== undefined) {
    return { key: { source: "client", key }, fingerprint: await buildFingerprint(path, body) };
  }
  const content = await buildFingerprint(ENDPOINTS[task].path, input);
  const known = isKnownByContent(route, directives);
  return { key: known ? { source: "content", key: content } : undefined, fingerprint: content };
}

/** Tells a repeat from another use of the same key: SHA-256 over method, path and the canonical body. */
export const buildFingerprint = (path: string, body: unknown): Promise<string> =>
  sha256Hex(`POST\n${path}\n${canonicalize(body) ?? ""}`);
