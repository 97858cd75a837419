import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { AttemptReport } from "../../contract/jobs/run-report.ts";
import type { Target } from "../../domain/routing/catalog.ts";

/** What those who share a flight learn when its answer begins: a whole answer comes with it, a stream follows. */
export interface FlightHead {
  readonly target: Target;
  /** The leader's. */
  readonly attempts: readonly AttemptReport[];
  readonly body: Extract<AnswerBody, { form: "json" }> | { readonly form: "events" };
}
