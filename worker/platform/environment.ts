import { API_KEY } from "../contract/api-key.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** The deployment's bindings; the config's secrets and variables stand beside them, as texts. */
export interface Environment {
  readonly KV: KVNamespace;
  /** The bootstrap key, a secret: `wrangler secret put HEADRACE_API_KEY`. */
  readonly HEADRACE_API_KEY?: string;
}

/** A secret or variable of the deployment; one set to nothing counts as not set. */
export function readSetting(env: Environment, name: string): string | undefined {
  const value = (env as unknown as Record<string, unknown>)[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Checks once, at the door, what everything else takes for granted. */
export function checkEnvironment(env: Environment): Result<Environment, string> {
  const key = readSetting(env, "HEADRACE_API_KEY");
  if (typeof env.KV?.get !== "function") return err("wrangler.toml: bind a KV namespace as KV");
  if (key === undefined || API_KEY.test(key)) return ok(env);
  return err("HEADRACE_API_KEY: expected hr_live_ or hr_test_ and at least 24 letters and digits");
}
