import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import type { Result } from "../../domain/result.ts";
import { err } from "../../domain/result.ts";

type Refusal = Result<never, AnswerFailure>;

/** The request cannot be answered by this model; `message` is what the client reads. */
export function refuse(message: string): Refusal {
  return err({ kind: "invalid_input", reason: message, message });
}

/** The failure for an unknown model; the message names the models there are. */
export function refuseModel(model: string, known: readonly string[]): Refusal {
  const names = known.map((name) => `"${name}"`).join(" and ");
  return refuse(`The embedded provider has no model "${model}" for this task; it has ${names}.`);
}
