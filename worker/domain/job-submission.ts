import canonicalize from "canonicalize";
import type { RouteConfig } from "../contract/config.ts";
import type { CreateJob } from "../contract/job.ts";
import { sha256Hex } from "./cache-key.ts";
import type { JobPolicy } from "./job-protocol.ts";

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

/** Tells a repeat from another use of the same key: SHA-256 over method, path and the canonical body. */
export const buildFingerprint = (path: string, body: unknown): Promise<string> =>
  sha256Hex(`POST\n${path}\n${canonicalize(body) ?? ""}`);
