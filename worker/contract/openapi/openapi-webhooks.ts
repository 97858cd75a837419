import type { EndpointOf } from "../endpoints.ts";
import { answerJson, type Details } from "./openapi-details.ts";
import { referParameters } from "./openapi-headers.ts";
import { referAnswer } from "./openapi-schemas.ts";

/** What receivers check signatures with. */
export const WEBHOOK_DETAILS: Readonly<Record<EndpointOf<"webhooks">, Details>> = {
  listWebhookSecrets: {
    description: "Two while the deployment's own secret rotates: each delivery is then signed by both.",
    parameters: referParameters(["RequestId"]),
    responses: { 200: answerJson("The secrets.", "WebhookSecretList") },
    refusals: ["not_configured"],
  },
};

const header = (name: string, description: string) => ({
  in: "header",
  name,
  required: true,
  description,
  schema: { type: "string" },
});

/** What a job's webhook is sent. */
export const describeWebhooks = (): Record<string, object> => ({
  job: {
    post: {
      operationId: "tellJobEnded",
      tags: ["Jobs"],
      summary: "A job has ended",
      description:
        "Signed as Standard Webhooks has it. Any 2xx within 15 seconds takes it; 410 stops all to this URL " +
        "for a day; after anything else it comes again, eight times in a day.",
      security: [],
      parameters: [
        header("webhook-id", "The same at every delivery of a notice."),
        header("webhook-timestamp", "When this delivery was made, in seconds since the epoch."),
        header(
          "webhook-signature",
          "`v1,` and base64; more than one, parted by spaces, while secrets rotate.",
        ),
      ],
      requestBody: {
        required: true,
        content: { "application/json": { schema: referAnswer("WebhookPayload") } },
      },
      responses: {
        "2XX": { description: "It has been taken." },
        410: { description: "No more of them, please." },
      },
    },
  },
});
