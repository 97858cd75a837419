import * as z from "zod/mini";

/** What is stored with a cached answer's bytes, in KV's metadata and the colo cache's header. */
export const entryMetaSchema = z.object({
  form: z.enum(["json", "events"]),
  /** The target that answered, as responses name it. */
  target: z.string(),
  storedAt: z.number(),
  freshUntil: z.number(),
  staleUntil: z.number(),
  madeInMs: z.number(),
  /** Where in a recorded stream the usage event is, which only clients that asked for it get. */
  usageFrom: z.optional(z.number()),
  usageTo: z.optional(z.number()),
});

export type EntryMeta = z.infer<typeof entryMetaSchema>;

export interface CacheEntry {
  readonly meta: EntryMeta;
  readonly bytes: Uint8Array<ArrayBuffer>;
}
