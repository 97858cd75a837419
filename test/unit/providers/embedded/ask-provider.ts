import type { Task, TaskRequests } from "../../../../worker/contract/requests.ts";
import type { AnswerFailure, TaskAdapter } from "../../../../worker/domain/routing/adapter.ts";
import type { Result } from "../../../../worker/domain/result.ts";
import { provider } from "./read-models.ts";

type Input<T extends Task> = Omit<TaskRequests[T], "model">;

/** What the provider answers to a task, its JSON read. */
export function ask<T extends Task>(task: T, model: string, input: Input<T>): Result<unknown, AnswerFailure> {
  const adapter = provider[task] as TaskAdapter<T> | undefined;
  if (adapter?.kind !== "local") throw new Error(`${task} is not a local task`);
  const answer = adapter.answer({ ...input, model: "route" } as TaskRequests[T], model);
  return answer.ok ? { ok: true, value: JSON.parse(answer.value.body) } : answer;
}

/** The answer, where there must be one, as its schema reads it. */
export function answerTo<T extends Task, A>(
  schema: { parse(value: unknown): A },
  task: T,
  model: string,
  input: Input<T>,
): A {
  const answer = ask(task, model, input);
  if (!answer.ok) throw new Error(answer.error.reason);
  return schema.parse(answer.value);
}

/** The message of a refusal, where there must be one. */
export function refusalOf<T extends Task>(task: T, model: string, input: Input<T>): string | undefined {
  const answer = ask(task, model, input);
  if (answer.ok) throw new Error("expected a refusal");
  return answer.error.kind === "invalid_input" ? answer.error.message : undefined;
}
