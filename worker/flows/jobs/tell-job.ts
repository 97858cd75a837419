import type { JobFact } from "../../domain/facts/fact.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";

interface JobToTell {
  readonly id: string;
  readonly call: InferenceCall;
}

/** Tells the status of a job after a run. */
export function tellJob(
  { tell, now }: Services,
  { id, call }: JobToTell,
  { status, error }: Pick<JobFact, "status" | "error">,
): void {
  const { caller, task, route, defer } = call;
  tell(
    { kind: "job", job: id, tenant: caller.tenant, task, route: route.name, status, error, at: now() },
    defer,
  );
}
