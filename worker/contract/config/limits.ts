import * as z from "zod/mini";

const bytes = (most: number) => z.int().check(z.minimum(1024), z.maximum(most));

const fields = z.strictObject({
  requestBytes: z._default(bytes(100_000_000), 4_194_304),
  /** For recordings, which stream through. The platform's own limit, by plan, is 100-500 MB. */
  uploadBytes: z._default(bytes(500_000_000), 100_000_000),
});

export const limits = z._default(fields, { requestBytes: 4_194_304, uploadBytes: 100_000_000 });
