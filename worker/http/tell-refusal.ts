import type { Tell } from "../domain/facts/fact.ts";
import type { RequestContext } from "./request-context.ts";

/** Tells a fact about a request that was refused or could not be answered; does nothing for any other. */
export function tellRefusal({ tell }: { readonly tell: Tell }, context: RequestContext): void {
  const { refusal, requestId, caller, startedAt, now, defer } = context;
  if (!refusal) return;
  tell(
    {
      kind: "refusal",
      request: requestId,
      tenant: caller?.tenant,
      keyId: caller?.keyId,
      code: refusal.code,
      reason: refusal.reason,
      startedAt,
      endedAt: now(),
    },
    defer,
  );
}
