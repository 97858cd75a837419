import type { GatewayError } from "../contract/errors.ts";

/** An error in a request that stands in a larger body as its `input`, with its path in the whole body. */
export function withinInput(error: GatewayError): GatewayError {
  if (error.param === undefined || error.code === "idempotency_key_invalid") return error;
  const { message, param } = error;
  return {
    ...error,
    param: `input.${param}`,
    ...(message?.startsWith(param) === true ? { message: `input.${message}` } : {}),
  };
}
