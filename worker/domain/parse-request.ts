import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import type { GatewayError } from "../contract/errors.ts";
import { requestSchemas, type Task, type TaskRequests } from "../contract/requests.ts";
import { err, ok, type Result } from "./result.ts";

z.config(english());

/** Checks a body against its task's schema; the error names the field and what it may be. */
export function parseRequest<T extends Task>(task: T, body: unknown): Result<TaskRequests[T], GatewayError> {
  const parsed = z.safeParse(requestSchemas[task], body);
  if (parsed.success) return ok(parsed.data as TaskRequests[T]);
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

/** Of a union's failures the one that got furthest says most; others speak for themselves. */
export function deepest(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue {
  const first = issues[0];
  if (!first) throw new Error("a failed parse without an issue");
  if (first.code !== "invalid_union") return first;
  const branches = first.errors.filter((branch) => branch.length > 0).map(deepest);
  const furthest = branches.toSorted((a, b) => b.path.length - a.path.length)[0];
  if (!furthest || furthest.path.length === 0) return first;
  return { ...furthest, path: [...first.path, ...furthest.path] };
}
