import * as z from "zod/mini";
import type { Refusal } from "../../domain/routing/adapter.ts";
import { parseAnswer } from "../../domain/answers/parse-answer.ts";

const refusalSchema = z.looseObject({
  error: z.looseObject({
    status: z.optional(z.string()),
    details: z.optional(
      z.array(z.looseObject({ reason: z.optional(z.string()), retryDelay: z.optional(z.string()) })),
    ),
  }),
});

/**
 * What Google's refusals mean where their status is misleading: an unknown key and a country that is not
 * served (that of the calling data centre, not of the client) are 400s, although no client caused them. After
 * a 429 the body says how long to wait, as `34.07s`.
 */
export function readRefusal(status: number, text: string): Refusal {
  const read = parseAnswer(refusalSchema, text);
  if (!read.ok) return {};
  const { status: code, details = [] } = read.value.error;
  if (status === 400 && details.some(({ reason }) => reason === "API_KEY_INVALID")) return { status: 401 };
  if (status === 400 && code === "FAILED_PRECONDITION") return { status: 403 };
  const delay = details.find(({ retryDelay }) => retryDelay !== undefined)?.retryDelay;
  const seconds = /^(\d{1,6}(?:\.\d{1,9})?)s$/.exec(delay ?? "")?.[1];
  return seconds === undefined ? {} : { retryAfterMs: Math.ceil(Number(seconds) * 1000) };
}
