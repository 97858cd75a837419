import type { GatewayError } from "../../contract/errors.ts";
import type { Result } from "../../domain/result.ts";
import type { Reply } from "../reply.ts";

/** A request of another API's form: what to ask in ours, and how to write the answer. */
export interface AskedForm {
  readonly body: unknown;
  readonly write: (answer: unknown) => object;
}

/** Reads a request's JSON, not yet checked; undefined where it is of the task's own form. */
export type ReadForm = (json: unknown) => Result<AskedForm | undefined, GatewayError>;

/** An answer in the form that was asked for. A job instead of an answer, and any failure, has one form for all. */
export function rewriteAnswer(reply: Reply, { write }: AskedForm): Reply {
  const { status, body } = reply;
  if (status !== 200 || !(body instanceof Uint8Array)) return reply;
  const answer: unknown = JSON.parse(new TextDecoder().decode(body));
  return { ...reply, body: JSON.stringify(write(answer)) };
}
