import type { GatewayError } from "../../contract/errors.ts";
import type { Task } from "../../contract/requests.ts";
import type { Result } from "../../domain/result.ts";
import { discardUnread } from "../discard-unread.ts";
import type { AdmittedHandler } from "../handler.ts";
import { limitsFor, readJsonBody } from "../read-json-body.ts";
import { respondError } from "../respond.ts";
import type { AskedForm } from "./cohere-embed.ts";
import { handleInference } from "./handle-inference.ts";

/** Answers a request of another API's form for a task, by the task's own handler. */
export const handleForm =
  (task: Task, read: (json: unknown) => Result<AskedForm, GatewayError>): AdmittedHandler =>
  async (request, call, context, gateway) => {
    const json = await readJsonBody(request, limitsFor(call, gateway));
    const asked = json.ok ? read(json.value) : json;
    if (!asked.ok) {
      await discardUnread(request, context);
      return respondError(asked.error, context);
    }
    const { method, headers } = request;
    const own = new Headers(headers);
    own.delete("content-length");
    const init = { method, headers: own, body: JSON.stringify(asked.value.body) };
    const reply = await handleInference(task)(new Request(request.url, init), call, context, gateway);
    const { status, body } = reply;
    // A job instead of an answer, and any failure, has one form for all.
    if (status !== 200 || !(body instanceof Uint8Array)) return reply;
    const answer: unknown = JSON.parse(new TextDecoder().decode(body));
    return { ...reply, body: JSON.stringify(asked.value.write(answer)) };
  };
