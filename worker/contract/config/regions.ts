import * as z from "zod/mini";

const CONTINENTS = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"] as const;
/** The law that data must not leave, as `eu`. */
const jurisdiction = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,31}$/, "use lower case, as eu"));
const degrees = (most: number) => z.number().check(z.minimum(-most), z.maximum(most));

/** Where targets run; without coordinates, the middle of the continent stands for it. */
export const region = z.strictObject({
  continent: z.enum(CONTINENTS),
  /** ISO 3166-1, as `DE`: requests from there are nearest to it. */
  country: z.optional(z.string().check(z.regex(/^[A-Z]{2}$/, "use two capitals, as DE"))),
  latitude: z.optional(degrees(90)),
  longitude: z.optional(degrees(180)),
  /** The jurisdiction that what is sent there stays in; none where absent, whatever continent it is on. */
  jurisdiction: z.optional(jurisdiction),
});

export const tenant = z.strictObject({
  /** Its requests go to targets of this jurisdiction only, or are answered in the Worker itself. */
  jurisdiction: z.optional(jurisdiction),
  /**
   * Keeps its jobs, lists and windows in objects of the jurisdiction. Cloudflare's: `eu` and `fedramp`; the local
   * platform has none, and fails. To be set before the tenant's first job: what is elsewhere is not found again.
   */
  pinObjects: z._default(z.boolean(), false),
});

export type RegionConfig = z.output<typeof region>;
