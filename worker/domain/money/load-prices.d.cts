import type * as prices from "@pydantic/genai-prices";

/** The public list of prices; the first call reads and indexes it. */
export function loadPrices(): typeof prices;
