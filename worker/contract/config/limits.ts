import * as z from "zod/mini";

const bytes = (most: number) => z.int().check(z.minimum(1024), z.maximum(most));

const DEFAULTS = {
  requestBytes: 4_194_304,
  mediaBytes: 20_971_520,
  uploadBytes: 100_000_000,
  stallMs: 30_000,
};

const fields = z.strictObject({
  requestBytes: z._default(bytes(100_000_000), DEFAULTS.requestBytes),
  /** For requests that hold pictures, sound or files in base64: a phone's photo alone has 6 MB. */
  mediaBytes: z._default(bytes(100_000_000), DEFAULTS.mediaBytes),
  /** For recordings, which stream through. The platform's own limit, by plan, is 100-500 MB. */
  uploadBytes: z._default(bytes(500_000_000), DEFAULTS.uploadBytes),
  /** How long a request's body may bring nothing, in milliseconds. */
  stallMs: z._default(z.int().check(z.minimum(100), z.maximum(900_000)), DEFAULTS.stallMs),
});

export const limits = z._default(fields, DEFAULTS);
