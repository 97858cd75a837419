import type { EndpointOf } from "../endpoints.ts";
import { answerJson, type Details } from "./openapi-details.ts";
import { referParameters } from "./openapi-headers.ts";

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
