import * as z from "zod/mini";
import { ERRORS, type ErrorCode } from "../errors.ts";

/** What only a job can end with; a synchronous call has the rest of its codes in common with it. */
const JOB_ERROR_CODES = ["attempts_exhausted", "outcome_unknown", "output_too_large", "rejected"] as const;
const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

export const jobErrorSchema = z.object({
  code: z.enum([...ERROR_CODES, ...JOB_ERROR_CODES]),
  /** Public words, as in every error body. */
  message: z.string().check(z.maxLength(2000)),
  /** The request's field at fault, and the provider's own code, where it refused the input. */
  param: z.optional(z.string()),
  provider_code: z.optional(z.string()),
});

export type JobError = z.infer<typeof jobErrorSchema>;
