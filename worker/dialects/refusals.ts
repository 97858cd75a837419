import * as z from "zod/mini";
import type { AnswerFailure } from "../domain/routing/adapter.ts";
import { deepest, writePath } from "../domain/requests/parse-request.ts";
import { err, ok, type Result } from "../domain/result.ts";

/** Gathers what of a request has no counterpart in chat, so that a translation reads as one. */
export class Refusals {
  #first: string | undefined;

  /** Refuses a field by its path; gives the nothing that stands in its place. */
  refuse(path: string, why: string): never[] {
    this.#first ??= `${path}: ${why}`;
    return [];
  }

  /** Refuses a field that asks for something; what is absent, null, false or empty asks for nothing. */
  refuseIfSet(path: string, value: unknown, why: string): void {
    const isEmpty = Array.isArray(value) && value.length === 0;
    if (value !== undefined && value !== null && value !== false && !isEmpty) this.refuse(path, why);
  }

  /** Reads a field that has a counterpart; one of another shape is refused. */
  read<S extends z.core.$ZodType>(schema: S, value: unknown, path: string): z.output<S> | undefined {
    const parsed = z.safeParse(schema, value);
    if (parsed.success) return parsed.data;
    const issue = deepest(parsed.error.issues);
    const inside = writePath(issue.path);
    const separator = path === "" || inside === "" || inside.startsWith("[") ? "" : ".";
    this.refuse(path + separator + inside, issue.message);
    return undefined;
  }

  /** What was made, unless something was refused; nothing is made only of what was. */
  conclude<T>(made: T | undefined): Result<T, AnswerFailure> {
    if (made !== undefined && this.#first === undefined) return ok(made);
    const message = this.#first ?? "the request cannot be read";
    return err({ kind: "invalid_input", reason: message, message });
  }
}

const NOT_IN_CHAT = "the model of this route is reached by chat, which has nothing like it";

/** Why a field is refused that only the dialect's own servers could serve. */
export const notInChat = (what: string): string => `${what} is not available: ${NOT_IN_CHAT}.`;

const MAX_QUOTED = 64;

/** A client's own word, as an error may repeat it. */
export const quote = (value: unknown): string =>
  typeof value === "string" ? `'${value.slice(0, MAX_QUOTED)}'` : `a ${typeof value}`;
