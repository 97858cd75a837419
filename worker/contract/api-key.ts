import * as z from "zod/mini";

/** What KV holds for an API key, under the SHA-256 of the key. */
export const apiKeyRecord = z.object({
  /** Who pays, and whose cache it is. */
  tenant: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i)),
  /** For people: what the key is for. */
  name: z.string().check(z.maxLength(200)),
  createdAt: z.string(),
});

export type ApiKeyRecord = z.infer<typeof apiKeyRecord>;

/** `hr_live_…` or `hr_test_…`, then at least 24 letters, digits, '-' or '_'. */
export const API_KEY = /^hr_(live|test)_[A-Za-z0-9_-]{24,128}$/;
