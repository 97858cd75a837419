import type * as z from "zod/mini";
import { checkUntilWrong } from "../contract/check-until-wrong.ts";
import type { AnswerFailure } from "../domain/routing/adapter.ts";
import { deepest, writePath } from "../domain/requests/parse-request.ts";
import { err, ok, type Result } from "../domain/result.ts";

/**
 * Keeps the first field of a request that has no counterpart in chat, so that a translation need not check
 * each step.
 */
export class Refusals {
  #first: string | undefined;

  /** Refuses a field by its path; gives an empty list to use in its place. */
  refuse(path: string, why: string): never[] {
    this.#first ??= `${path}: ${why}`;
    return [];
  }

  /** Refuses a field that is set: not absent, null, false or empty. */
  refuseIfSet(path: string, value: unknown, why: string): void {
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && value !== null && value !== false && !isEmpty) this.refuse(path, why);
  }

  /** Reads a field that has a counterpart; one of another shape is refused. */
  read<S extends z.core.$ZodType>(schema: S, value: unknown, path: string): z.output<S> | undefined {
    const parsed = checkUntilWrong(schema, value);
    if (parsed.success) return parsed.data;
    const issue = deepest(parsed.error.issues);
    const inside = writePath(issue.path);
    const separator = path === "" || inside === "" || inside.startsWith("[") ? "" : ".";
    this.refuse(path + separator + inside, issue.message);
    return undefined;
  }

  /** Gives the translation, or the refusal where a field was refused. */
  conclude<T>(made: T | undefined): Result<T, AnswerFailure> {
    if (made !== undefined && this.#first === undefined) return ok(made);
    const message = this.#first ?? "the request cannot be read";
    return err({ kind: "invalid_input", reason: message, message });
  }
}

const NOT_IN_CHAT = "the model of this route is reached by chat, which has nothing like it";

/** Why a field is refused that only the dialect's own servers could serve, and what does instead of it. */
export const notInChat = (what: string, instead?: string): string =>
  [`${what} is not available: ${NOT_IN_CHAT}.`, instead]
    .filter((sentence) => sentence !== undefined)
    .join(" ");

const MAX_QUOTED = 64;

/** A client's value for an error message, cut short. */
export const quote = (value: unknown): string =>
  typeof value === "string" ? `'${value.slice(0, MAX_QUOTED)}'` : `a ${typeof value}`;
