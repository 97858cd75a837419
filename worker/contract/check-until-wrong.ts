import * as z from "zod/mini";

/** zod's own flag of `z.validate`, which its types keep to themselves; `reportInput` is what it is anyway. */
const STOP = { abortEarly: true, reportInput: false };

/**
 * Checks a value against a schema up to the first thing that is wrong, which is all that is ever told: a list of a
 * million wrong entries would have a million issues, more than zod can hand on. A list goes on after an entry that
 * fails a mere check (a length, a bound), unless the check says `abort`.
 */
export const checkUntilWrong = <S extends z.core.$ZodType>(schema: S, value: unknown) =>
  z.safeParse(schema, value, STOP);
