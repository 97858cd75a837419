import * as z from "zod/mini";

const label = z.string().check(z.minLength(1), z.maxLength(64));

/** The client's own labels: at most 16 pairs. */
export const jobMetadata = z
  .record(label, z.string().check(z.maxLength(512)))
  .check(z.refine((pairs) => Object.keys(pairs).length <= 16, "use at most 16 pairs"));
