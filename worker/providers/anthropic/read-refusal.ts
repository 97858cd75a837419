import * as z from "zod/mini";
import type { Refusal } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";

const refusalSchema = z.looseObject({
  error: z.looseObject({
    message: z.optional(z.string()),
    details: z.optional(z.nullable(z.looseObject({ error_code: z.optional(z.string()) }))),
  }),
});

const UNPAID = /credit balance is too low|reached your specified .*usage limits/i;
/** Codes about the deployment's own account with Anthropic. */
const ACCOUNT = /^(?:organization_|cmek_)/;

/**
 * What Anthropic's refusals mean where their status is misleading: an account without credit, over its own
 * limit or on hold gets 400, although no client caused it and another target may still answer.
 */
export function readRefusal(status: number, text: string): Refusal {
  if (status !== 400) return {};
  const read = parseAnswer(refusalSchema, text);
  if (!read.ok) return {};
  const { message = "", details } = read.value.error;
  if (UNPAID.test(message)) return { status: 402 };
  return ACCOUNT.test(details?.error_code ?? "") ? { status: 403 } : {};
}
