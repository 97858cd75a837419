import * as z from "zod/mini";

/** How much work hurries: `interactive` for who waits and watches, `economy` for what may take its time. */
export const priority = z.enum(["interactive", "normal", "economy"]);

export type Priority = z.output<typeof priority>;
