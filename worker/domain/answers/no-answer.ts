import type { StreamEvent } from "../routing/adapter.ts";

/** The end of a stream in which nothing was said, nor why: there may have been events, but of something else. */
export const NO_ANSWER: StreamEvent = {
  kind: "error",
  code: "upstream_invalid_response",
  reason: "the stream ended without an answer",
};
