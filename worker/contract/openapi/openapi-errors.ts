import { type ErrorCode, ERRORS } from "../errors.ts";
import { type HeaderName, ON_ALL, refer } from "./openapi-headers.ts";

type Row = readonly [code: ErrorCode, row: (typeof ERRORS)[ErrorCode]];

/** For requests that are none of the operations: another method, a page of an unlisted origin. */
const ELSEWHERE: readonly ErrorCode[] = ["method_not_allowed", "origin_denied"];
/** Only the log has these. */
const NEVER_SENT: readonly ErrorCode[] = ["client_closed"];
const ROWS = (Object.entries(ERRORS) as Row[]).filter(
  ([code]) => ![...ELSEWHERE, ...NEVER_SENT].includes(code),
);
const STATUSES = [...new Set(ROWS.map(([, { status }]) => status))].toSorted((a, b) => a - b);

const describeRow = ([code, { message }]: Row) => `\`${code}\`: ${message}`;

/** Describes the errors for requests that match no operation of a path. */
export const describeElsewhere = (): string =>
  ELSEWHERE.map((code) => `${ERRORS[code].status} ${describeRow([code, ERRORS[code]])}`).join("\n\n");

/** OpenAPI's error responses: one a status of the table, with the codes it may have. */
export const errorResponses = (): Record<string, object> =>
  Object.fromEntries(STATUSES.map((status) => [nameOf(status), buildResponse(status)]));

/** References to the error responses of these codes, by status. */
export function refuseWith(codes: readonly ErrorCode[]): Record<string, object> {
  const statuses = new Set(codes.map((code) => ERRORS[code].status));
  const known = STATUSES.filter((status) => statuses.has(status));
  return Object.fromEntries(
    known.map((status) => [String(status), { $ref: `#/components/responses/${nameOf(status)}` }]),
  );
}

const nameOf = (status: number) => `Error${status}`;

function buildResponse(status: number): object {
  const rows = ROWS.filter(([, row]) => row.status === status);
  const headers: HeaderName[] = [...ON_ALL, "request-id", "x-headrace-attempts", "x-should-retry"];
  if (status === 415) headers.push("accept-encoding");
  if (status === 429 || status >= 502) headers.push("retry-after");
  return {
    description: rows.map(describeRow).join("\n\n"),
    headers: refer(headers),
    content: { "application/json": { schema: buildSchema(rows) } },
  };
}

function buildSchema(rows: readonly Row[]): object {
  const only = <T>(values: readonly T[]) => ({ enum: [...new Set(values)] });
  return {
    type: "object",
    required: ["error"],
    properties: {
      error: {
        type: "object",
        required: ["message", "type", "code", "param", "request_id", "retryable"],
        properties: {
          message: { type: "string" },
          type: { type: "string", ...only(rows.map(([, { type }]) => type)) },
          code: {
            type: "string",
            description: "One of these, or the provider's own for what it refuses in the request.",
            examples: rows.map(([code]) => code),
          },
          param: { type: ["string", "null"], description: "The request field at fault, as a dotted path." },
          request_id: { type: "string" },
          retryable: { type: "boolean", description: "Whether a repeat of the request may succeed." },
        },
      },
      type: { const: "error", description: "Under /v1/messages only." },
      request_id: { type: "string", description: "Under /v1/messages only." },
    },
  };
}
