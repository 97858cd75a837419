import * as z from "zod/mini";

const value = z.string().check(z.maxLength(512, { abort: true }));
const isLabel = (name: string) => name.length >= 1 && name.length <= 64;

/**
 * The client's own labels: at most 16 pairs. An object whose every field is a string, not a record: zod ends the one
 * at its first wrong entry, and never the other.
 */
export const jobMetadata = z.catchall(z.object({}), value).check(
  z.refine((pairs) => Object.keys(pairs).length <= 16, { error: "use at most 16 pairs", abort: true }),
  z.refine((pairs) => Object.keys(pairs).every(isLabel), "names have 1 to 64 characters"),
);
