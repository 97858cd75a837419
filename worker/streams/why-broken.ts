import type { GatewayError } from "../contract/errors.ts";
import type { OpenStream } from "./open-stream.ts";

/** Why a provider's answer has broken off: its call was given up, it is not text, or the connection was lost. */
export const whyBroken = (stream: Pick<OpenStream, "givenUp">, error: unknown): GatewayError =>
  stream.givenUp() ?? {
    code: error instanceof TypeError ? "upstream_invalid_response" : "upstream_error",
    reason: error instanceof Error ? error.message : String(error),
  };
