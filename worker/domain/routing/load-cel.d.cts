import type * as cel from "@marcbachmann/cel-js";

/** The Common Expression Language; the first call sets it up. */
export function loadCel(): typeof cel;
