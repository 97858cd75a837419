import type { GatewayError } from "../../contract/errors.ts";
import { explainRequest } from "../../contract/explain.ts";
import { type Task, TASKS } from "../../contract/requests.ts";
import { err, ok, type Result } from "../result.ts";
import { type Catalog, findRoute } from "../routing/catalog.ts";
import { isObject, type JsonObject } from "./json-object.ts";
import { parseBody } from "./parse-request.ts";

/** A request that is to be explained, its body not yet checked. */
export interface Explained extends Pick<ReturnType<typeof explainRequest.parse>, "priority" | "metadata"> {
  readonly task: Task;
  readonly input: JsonObject;
  /** Whether the body stood in another one, as its `input`. */
  readonly isWithin: boolean;
}

/**
 * Reads what is to be explained: a body as jobs have it, with the request as its `input`, which is an object there
 * and in no request itself; or a request as it is. Where no task is named, the request's form tells, and the route
 * that its `model` names.
 */
export function readExplained(json: unknown, catalog: Catalog): Result<Explained, GatewayError> {
  if (!isObject(json)) return err({ code: "invalid_request", message: "expected an object" });
  if (!isObject(json["input"])) return withTask({ input: json, isWithin: false }, catalog);
  const asked = parseBody(explainRequest, json);
  return asked.ok ? withTask({ ...asked.value, isWithin: true }, catalog) : asked;
}

function withTask(
  { task, ...asked }: Omit<Explained, "task"> & { readonly task?: Task | undefined },
  catalog: Catalog,
): Result<Explained, GatewayError> {
  const found = task ?? findTask(asked.input, catalog);
  if (found !== undefined) return ok({ ...asked, task: found });
  const message = `task: say what it is, as {"task": "chat", "input": {…}}; one of ${TASKS.join(", ")}`;
  return err({ code: "invalid_request", param: "task", message });
}

function findTask(input: JsonObject, catalog: Catalog): Task | undefined {
  if ("messages" in input) return "chat";
  if ("documents" in input) return "rerank";
  const { model } = input;
  const task = typeof model === "string" ? findRoute(catalog, model)?.task : undefined;
  if (task === "chat") return "responses";
  return task === "transcriptions" ? undefined : task;
}
