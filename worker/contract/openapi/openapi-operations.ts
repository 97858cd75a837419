import type { EndpointOf } from "../endpoints.ts";
import { answerJson, type Details } from "./openapi-details.ts";
import { TASKS } from "../requests.ts";
import { referParameters } from "./openapi-headers.ts";
import { referAnswer, referRequest } from "./openapi-schemas.ts";

const status = (values: readonly string[]) => ({ type: "string", enum: values });

const READY = {
  type: "object",
  required: ["status", "storage", "routes"],
  properties: {
    status: status(["ready", "not_ready"]),
    storage: status(["ok", "failed"]),
    routes: {
      type: "array",
      items: {
        type: "object",
        required: ["name", "task", "status"],
        properties: {
          name: { type: "string" },
          task: { type: "string" },
          status: status(["ready", "not_configured"]),
          missing: { type: "array", items: { type: "string" }, description: "What to set." },
          failing: {
            type: "array",
            items: { type: "string" },
            description: "Targets whose latest call was refused for a wrong base URL, model, key or account.",
          },
        },
      },
    },
  },
};

/** The models, and the endpoints for operators of the gateway. */
export const OPERATION_DETAILS: Readonly<Record<EndpointOf<"operations">, Details>> = {
  listModels: {
    parameters: referParameters(["RequestId"]),
    responses: { 200: answerJson("The routes.", "ModelList") },
  },
  findModel: {
    parameters: [
      { in: "path", name: "id", required: true, schema: { type: "string" } },
      ...referParameters(["RequestId"]),
    ],
    responses: { 200: answerJson("The route.", "Model") },
    refusals: ["model_not_found"],
  },
  explain: {
    description:
      'The body is that of any request with a JSON body as it is, or `{ "task": …, "input": … }` as jobs have it. ' +
      "Without `task`, the form tells: `messages` a chat, `documents` a rerank, else the task of the route that `model` names.",
    parameters: referParameters(["RequestId", "Metadata"]),
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: { anyOf: [referAnswer("Explain"), ...TASKS.map(referRequest)] } },
      },
    },
    responses: { 200: answerJson("The plan, as it is now.", "Plan") },
    refusals: ["model_not_found", "request_timeout", "payload_too_large", "unsupported_media_type"],
  },
  health: {
    responses: {
      200: answerJson("It runs.", { type: "object", properties: { status: { const: "ok" } } }),
    },
  },
  ready: {
    responses: {
      200: answerJson("They can.", READY),
      503: answerJson("Storage does not answer.", READY),
    },
  },
  openapi: { responses: { 200: answerJson("The contract.", { type: "object" }) } },
  greet: { responses: { 200: answerJson("Where to look next.", { type: "object" }) } },
};
