import type { EndpointOf } from "../endpoints.ts";
import type { ErrorCode } from "../errors.ts";
import { JOB_EVENT_ID } from "../jobs/job-event.ts";
import { JOB_STATUSES } from "../jobs/job-status.ts";
import { answerJson, type Details } from "./openapi-details.ts";
import { type HeaderName, ON_ALL, type ParameterName, refer, referParameters } from "./openapi-headers.ts";
import { referAnswer } from "./openapi-schemas.ts";

const ON_JOBS: readonly HeaderName[] = [...ON_ALL, "retry-after"];
const ON_ACCEPTED: readonly HeaderName[] = [
  ...ON_JOBS,
  "location",
  "preference-applied",
  "idempotent-replayed",
];
const FOR_NEW: readonly ErrorCode[] = ["idempotency_key_invalid", "idempotency_key_reused", "not_configured"];

const id = { in: "path", name: "id", required: true, schema: { type: "string", pattern: "^job_" } };

const answerJob = (description: string, sent: readonly HeaderName[]) => answerJson(description, "Job", sent);

/** 202: the answer of a synchronous endpoint to a client that prefers a job. */
export const ACCEPTED = answerJob("A job: the answer is for later.", [...ON_ACCEPTED]);

/** What may be sent along with a request about one job. */
const parametersOfOne = (...names: readonly ParameterName[]) => [
  id,
  ...referParameters(["RequestId", ...names]),
];

const inQuery = (name: string, description: string, schema: object, more: object = {}) => ({
  in: "query",
  name,
  description,
  schema,
  ...more,
});

const EVENT_ID = { type: "string", pattern: JOB_EVENT_ID.source };

const LAST_EVENT = "The id of the event that the client has got last; all after it are sent.";

/** The endpoints under `/v1/jobs`. */
export const JOB_DETAILS: Readonly<Record<EndpointOf<"jobs">, Details>> = {
  listJobs: {
    description:
      "From a directory that hears of a job about a second after its acceptance, at its end, and every half " +
      "minute in between; the job itself knows how it is now. A page may be short where a filter finds " +
      "little among many: go on with `next` while `has_more` is true.",
    parameters: [
      inQuery("status", "Any of these, repeated or separated by commas.", {
        type: "array",
        items: { type: "string", enum: JOB_STATUSES },
      }),
      inQuery("model", "The route that was asked for.", { type: "string", maxLength: 256 }),
      inQuery(
        "metadata",
        "Pairs that a job's metadata holds, as `metadata[user]=42`.",
        { type: "object", additionalProperties: { type: "string" } },
        { style: "deepObject", explode: true },
      ),
      inQuery("after", "The `next` of an earlier page.", { type: "string" }),
      inQuery("limit", "How many a page has.", { type: "integer", minimum: 1, maximum: 100, default: 20 }),
      ...referParameters(["RequestId"]),
    ],
    responses: {
      200: answerJson("One page.", "JobList"),
    },
  },
  createJob: {
    description:
      "Accepted once per Idempotency-Key, run until there is an outcome, and kept. Validation and " +
      "authentication never claim a key; another request under the same key is refused.",
    parameters: referParameters(["RequestId", "IdempotencyKey", "Prefer"]),
    requestBody: { required: true, content: { "application/json": { schema: referAnswer("CreateJob") } } },
    responses: {
      200: answerJob("A job that has ended, while the client waited or before.", ON_ACCEPTED),
      202: ACCEPTED,
    },
    refusals: [
      ...FOR_NEW,
      "model_not_found",
      "request_timeout",
      "payload_too_large",
      "unsupported_media_type",
    ],
  },
  findJob: {
    parameters: parametersOfOne("Prefer"),
    responses: {
      200: answerJob("The job.", [...ON_JOBS, "preference-applied"]),
    },
    refusals: ["not_found"],
  },
  deleteJob: {
    parameters: parametersOfOne(),
    responses: {
      204: { description: "It is forgotten.", headers: refer(ON_ALL) },
    },
    refusals: ["not_found", "job_not_terminal"],
  },
  followJob: {
    description:
      "All from the first event on, or from the one after the one named; a streamed answer's chunks are " +
      "`job.output` events. Events keep their ids, so who comes late or comes back misses nothing. A comment " +
      "comes every 15 seconds, a connection lasts ten minutes, and after the last event it ends. As a " +
      "WebSocket (`Sec-WebSocket-Protocol: headrace.v1, bearer.<key>`, or with `Authorization`) each message " +
      "is the JSON of one event.",
    parameters: [
      ...parametersOfOne(),
      { in: "header", name: "Last-Event-ID", description: LAST_EVENT, schema: EVENT_ID },
      inQuery("after", LAST_EVENT, EVENT_ID),
    ],
    responses: {
      101: { description: "A WebSocket." },
      200: {
        description: "The events.",
        headers: refer(ON_ALL),
        content: { "text/event-stream": { schema: referAnswer("JobEvent") } },
      },
      204: { description: "The job has ended, and the client knows all of it.", headers: refer(ON_ALL) },
    },
    refusals: ["not_found"],
  },
  readJobOutput: {
    description: "As its own endpoint would have sent it, the same bytes each time.",
    parameters: parametersOfOne(),
    responses: {
      200: {
        description: "The answer.",
        headers: refer([...ON_ALL, "x-headrace-route", "x-headrace-target", "x-headrace-attempts"]),
        content: {
          "application/json": { schema: { type: "object" } },
          "text/event-stream": { schema: { type: "string" } },
          "*/*": { schema: { type: "string", format: "binary" } },
        },
      },
    },
    refusals: ["not_found", "job_not_terminal"],
  },
  cancelJob: {
    description:
      "One that waits is canceled at once. One that runs is stopped within ten seconds, and what it has " +
      "cost is recorded. One that has ended stays as it is.",
    parameters: parametersOfOne(),
    responses: {
      200: answerJob("The job, which has ended.", ON_JOBS),
      202: answerJob("The job, which is being canceled.", [...ON_JOBS, "location"]),
    },
    refusals: ["not_found"],
  },
  retryJob: {
    parameters: parametersOfOne("IdempotencyKey", "Prefer"),
    responses: {
      200: answerJob("The new job, which has ended already.", ON_ACCEPTED),
      202: ACCEPTED,
    },
    refusals: [...FOR_NEW, "not_found", "job_not_terminal"],
  },
};
