import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import type { GatewayError } from "../../contract/errors.ts";
import { requestSchemas, type Task, type TaskRequests } from "../../contract/requests.ts";
import { err, ok, type Result } from "../result.ts";
import { checkUntilWrong } from "../../contract/check-until-wrong.ts";
import { isPlainRequest } from "./accept-request.ts";
import { respellFields } from "./respell-fields.ts";

z.config(english());

/** Checks a body against its task's schema; the error names the field and what it may be. */
export function parseRequest<T extends Task>(task: T, body: unknown): Result<TaskRequests[T], GatewayError> {
  if (isPlainRequest(task, body)) return ok(body as TaskRequests[T]);
  return parseBody<unknown>(requestSchemas[task], respellFields(task, body)) as Result<
    TaskRequests[T],
    GatewayError
  >;
}

/** Checks a body against a schema; the error names the field and what it may be. */
export function parseBody<T>(schema: z.core.$ZodType<T>, body: unknown): Result<T, GatewayError> {
  const parsed = checkUntilWrong(schema, body);
  if (parsed.success) return ok(parsed.data);
  const issue = deepest(parsed.error.issues);
  const param = writePath(issue.path);
  return err({
    code: "invalid_request",
    message: param === "" ? issue.message : `${param}: ${issue.message}`,
    ...(param === "" ? {} : { param }),
  });
}

/** Writes a path as a person would: `routes.embed.targets[0].model`. */
export function writePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}${text && "."}${String(part)}`),
    "",
  );
}

/** Issues that say a value is of the wrong type, rather than out of bounds. */
const OTHER_KIND = new Set(["invalid_type", "invalid_value", "invalid_union"]);

/**
 * Finds the issue that is most useful to the client. Of a union's failures that is the one where the type was
 * right, else the one with the longest path; where all failed at the first step, an issue that names what the
 * union takes.
 */
export function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const first = issues[0];
  if (!first) throw new Error("a failed parse without an issue");
  if (first.code === "invalid_key") return { ...deepest(first.issues), path: first.path };
  if (first.code !== "invalid_union") return first;
  const branches = first.errors.filter((branch) => branch.length > 0).map(deepest);
  const outOfBounds = branches.filter(({ code }) => !OTHER_KIND.has(code));
  const telling = outOfBounds.length > 0 ? outOfBounds : branches.filter(({ path }) => path.length > 0);
  const furthest = telling.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (furthest) return { ...furthest, path: [...first.path, ...furthest.path] };
  const expected = [...new Set(expectedBy(first))];
  return expected.length === 0
    ? first
    : { ...first, message: `Invalid input: expected ${expected.join(" or ")}` };
}

/** The kinds of value that an issue says would have been right. */
function expectedBy(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "invalid_type") return [issue.expected];
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code !== "invalid_union") return [];
  return issue.errors.flatMap((branch) => branch.slice(0, 1).flatMap(expectedBy));
}
