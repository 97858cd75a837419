import type { Task, TaskRequests } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import { addUsages } from "../money/add-usages.ts";

/** The tasks whose inputs can be sent in several calls, with the fields that list inputs and results. */
const PARTED = {
  embeddings: { inputs: "input", results: "data" },
  rerank: { inputs: "documents", results: "results" },
} as const;
export type PartedTask = keyof typeof PARTED;

export const isParted = (task: Task): task is PartedTask => Object.hasOwn(PARTED, task);

/** The bodies of the calls that a request takes, of so many inputs each; only its own where one is enough. */
export function splitInputs<T extends PartedTask>(
  task: T,
  body: TaskRequests[T],
  max: number,
): readonly TaskRequests[T][] {
  const { inputs } = PARTED[task];
  const all = (body as Readonly<Record<string, unknown>>)[inputs];
  // A list of numbers is one input: a text's tokens.
  if (!Array.isArray(all) || all.length <= max || typeof all[0] === "number") return [body];
  const count = Math.ceil(all.length / max);
  return Array.from({ length: count }, (_, at) => ({
    ...body,
    [inputs]: all.slice(at * max, (at + 1) * max) as unknown[],
  }));
}

interface Result {
  readonly index?: number;
  readonly relevance_score?: number;
}

/** An answer's text, and what it used, where the provider said so. */
export interface PartAnswer {
  readonly text: string;
  readonly usage: Usage | null;
}

/** The answer to a request from those to its parts, in their order, of `max` inputs each. */
export function joinAnswers(
  task: PartedTask,
  answers: readonly PartAnswer[],
  { max, top }: { readonly max: number; readonly top?: number | undefined },
): { readonly body: string; readonly usage: Usage | null } {
  const { results: name } = PARTED[task];
  const bodies = answers.map(({ text }) => JSON.parse(text) as Readonly<Record<string, unknown>>);
  const results = bodies.flatMap((body, part) =>
    ((body[name] ?? []) as readonly Result[]).map((result, at) => ({
      ...result,
      index: (result.index ?? at) + part * max,
    })),
  );
  const told = answers.map(({ usage: used }) => used).filter((used) => used !== null);
  // Where one did not say what it used, nobody knows the sum.
  const usage = told.length === answers.length ? addUsages(told) : null;
  const joined = task === "rerank" ? bestOf(results, top) : results;
  return { body: JSON.stringify({ ...bodies[0], [name]: joined, ...(usage ? { usage } : {}) }), usage };
}

const bestOf = (results: readonly Result[], top: number | undefined): readonly Result[] =>
  results.toSorted((left, right) => (right.relevance_score ?? 0) - (left.relevance_score ?? 0)).slice(0, top);
