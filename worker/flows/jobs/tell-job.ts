import type { Defer, JobFact } from "../../domain/facts/fact.ts";
import type { Services } from "../services.ts";

/** Tells the status of a job after a run. */
export function tellJob({ tell, now }: Services, left: Omit<JobFact, "kind" | "at">, defer: Defer): void {
  tell({ kind: "job", ...left, at: now() }, defer);
}
