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

/**
 * The most characters that one request may have read here, all its texts together: 0.1 to 0.2 s of CPU on the
 * machine it was measured on, for which every other request of the isolate waits. VADER reads four times as slowly.
 */
const MAX_CHARACTERS = 1_000_000;
const MAX_RATED_CHARACTERS = 250_000;

/** The failure for texts that are together longer than is read at once; undefined where they are not. */
export function refuseLength(texts: readonly string[], model: string): Refusal | undefined {
  const max = model === "sentiment" ? MAX_RATED_CHARACTERS : MAX_CHARACTERS;
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length <= max) return undefined;
  return refuse(
    `"${model}" reads at most ${max} characters a request, and this has ${length}; send fewer texts.`,
  );
}
