import type { JobMessage } from "../contract/jobs/job-message.ts";
import type { SecretReference } from "../contract/config/config.ts";
import type { NoticeMessage } from "../contract/webhooks.ts";
import { API_KEY } from "../contract/api-key.ts";
import { type Binding, BINDINGS, describeBinding, isBound } from "./bindings.ts";
import type { AiBinding } from "./workers-ai.ts";
import type { MessageQueue } from "./job-queue.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** The deployment's bindings; the config's secrets and variables are in the same object, as strings. */
export interface Environment {
  readonly KV: KVNamespace;
  /** One object for each job. */
  readonly JOBS: DurableObjectNamespace;
  /** The lists of jobs: a few objects for each tenant. */
  readonly JOB_DIRECTORIES: DurableObjectNamespace;
  /** Where requests that can share a call wait for each other: one object a window. */
  readonly REQUEST_WINDOWS: DurableObjectNamespace;
  /** Where jobs that can share a call wait for each other: one object a window. */
  readonly JOB_WINDOWS: DurableObjectNamespace;
  /** What isolates tell each other of providers: one object a provider and region. */
  readonly PROVIDER_HEALTH: DurableObjectNamespace;
  /** Where jobs wait to be run. */
  readonly JOB_QUEUE: MessageQueue<JobMessage>;
  /** Where notices of jobs that have ended wait to be delivered to their webhooks. */
  readonly JOB_WEBHOOK_QUEUE: MessageQueue<NoticeMessage>;
  /** Cloudflare's own models; only in the wrangler environment `workers-ai`, for it needs an account. */
  readonly AI?: AiBinding;
  /** The bootstrap key, a secret: `wrangler secret put HEADRACE_API_KEY`. */
  readonly HEADRACE_API_KEY?: string;
}

/**
 * A secret or variable of the deployment; one set to nothing counts as not set. The binding AI has no
 * text: where it is there, it reads as its own name.
 */
export function readSetting(env: Environment, name: string): string | undefined {
  if (name === "AI") return env.AI && name;
  const value = (env as unknown as Record<string, unknown>)[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

type RequiredBinding = {
  [N in keyof Environment]-?: Environment extends Record<N, unknown> ? N : never;
}[keyof Environment];

/** A binding of Environment that the table lacks does not compile. */
const REQUIRED: Readonly<Record<RequiredBinding, Binding>> = BINDINGS;

/** Checks the environment once, so that all other code can rely on it. */
export function checkEnvironment(env: Environment): Result<Environment, string> {
  for (const name of Object.keys(REQUIRED) as RequiredBinding[]) {
    const binding = REQUIRED[name];
    if (!isBound(binding, env[name]))
      return err(`wrangler.toml: bind ${describeBinding(binding)} as ${name}`);
  }
  const key = readSetting(env, "HEADRACE_API_KEY");
  if (key === undefined || API_KEY.test(key)) return ok(env);
  return err("HEADRACE_API_KEY: expected hr_live_ or hr_test_ and at least 24 letters and digits");
}

const MIN_MASTER_LENGTH = 32;

/**
 * The secrets that others are derived from: those that are set, in their order. One that is short enough to be
 * guessed from a signature is refused.
 */
export function readMasters(
  env: Environment,
  references: readonly SecretReference[],
): Result<readonly string[], string> {
  const masters: string[] = [];
  for (const { secret } of references) {
    const master = readSetting(env, secret);
    if (master === undefined) continue;
    if (master.length < MIN_MASTER_LENGTH) {
      return err(`${secret}: expected at least ${MIN_MASTER_LENGTH} random characters`);
    }
    masters.push(master);
  }
  return ok(masters);
}
