export interface RouteStatus {
  readonly name: string;
  readonly status: "ready" | "not_configured";
  /** What the deployment lacks, such as `secret OPENAI_API_KEY`. */
  readonly missing?: readonly string[];
}

export type Readiness =
  | { readonly kind: "ready"; readonly routes: readonly RouteStatus[] }
  | { readonly kind: "starting" }
  | { readonly kind: "broken"; readonly message: string };

const PATIENCE_MS = 5000;

/** Asks a gateway whether it can work. One that does not answer, or not yet with 200, is starting. */
export async function askReadiness(url: string): Promise<Readiness> {
  try {
    const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return readReadiness(response.status, await response.json());
  } catch {
    return { kind: "starting" };
  }
}

/**
 * Reads an answer of `/ready`. Only a config that cannot work counts as broken, for waiting does not help
 * there.
 */
export function readReadiness(status: number, body: unknown): Readiness {
  const { routes, error } = (body ?? {}) as {
    routes?: readonly RouteStatus[];
    error?: { code?: string; message?: string };
  };
  if (status === 200 && routes !== undefined) return { kind: "ready", routes };
  if (error?.code !== "not_configured") return { kind: "starting" };
  return { kind: "broken", message: error.message ?? "The gateway is not configured." };
}
