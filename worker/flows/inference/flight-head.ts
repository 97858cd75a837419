import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import type { Target } from "../../domain/routing/catalog.ts";

/** What all who share a flight get when its answer begins: a whole answer is in it, a stream follows it. */
export interface FlightHead {
  readonly target: Target;
  /** Those of the request that leads the flight. */
  readonly attempts: readonly AttemptReport[];
  readonly body: Extract<AnswerBody, { form: "json" }> | { readonly form: "events" };
}
