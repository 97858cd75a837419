import { ENDPOINT_NAMES, type EndpointName, ENDPOINTS, METHODS_BY_PATH, type Needs } from "../endpoints.ts";
import type { ErrorCode } from "../errors.ts";
import type { Details } from "./openapi-details.ts";
import { refuseWith } from "./openapi-errors.ts";
import { FORM_DETAILS, INFERENCE_DETAILS, UPLOAD_DETAILS } from "./openapi-inference.ts";
import { JOB_DETAILS } from "./openapi-jobs.ts";
import { OPERATION_DETAILS } from "./openapi-operations.ts";
import { WEBHOOK_DETAILS } from "./openapi-webhooks.ts";

const FOR_TOKENS: readonly ErrorCode[] = [
  "internal_error",
  "overloaded",
  "unauthenticated",
  "invalid_request",
];
const FOR_KEYS: readonly ErrorCode[] = [...FOR_TOKENS, "scope_denied"];
/** The errors of every endpoint, by its `needs`. */
const REFUSALS: Readonly<Record<Needs, readonly ErrorCode[]>> = {
  nothing: [],
  token: FOR_TOKENS,
  key: FOR_KEYS,
  admin: FOR_KEYS,
};

const DETAILS: Readonly<Record<EndpointName, Details>> = {
  ...INFERENCE_DETAILS,
  ...FORM_DETAILS,
  ...UPLOAD_DETAILS,
  ...JOB_DETAILS,
  ...WEBHOOK_DETAILS,
  ...OPERATION_DETAILS,
};

/** Every path of the table of endpoints, with its operations. */
export function describePaths(): Record<string, object> {
  const paths = [...METHODS_BY_PATH].map(([path, allow]) => {
    const operations = ENDPOINT_NAMES.filter((name) => ENDPOINTS[name].path === path).map(
      (name) => [ENDPOINTS[name].method.toLowerCase(), describeOperation(name)] as const,
    );
    const description = `Any other method is answered 405, with \`Allow: ${allow}\`.`;
    return [toTemplate(path), { description, ...Object.fromEntries(operations) }] as const;
  });
  return Object.fromEntries(paths);
}

function describeOperation(name: EndpointName): object {
  const { tag, summary, needs } = ENDPOINTS[name];
  const { refusals = [], responses, ...about } = DETAILS[name];
  return {
    operationId: name,
    tags: [tag],
    summary,
    ...about,
    ...(needs === "nothing" ? { security: [] } : {}),
    responses: { ...responses, ...refuseWith([...REFUSALS[needs], ...refusals]) },
  };
}

const toTemplate = (path: string) => path.replace(/:(\w+)\+?/g, "{$1}");
