import { readFileSync } from "node:fs";
import { parseWordVectors } from "../worker/providers/embedded/word-vectors.ts";
import { measureSearches } from "./word-vectors-search-quality.ts";
import { LONG_DOCUMENTS, SHORT_DOCUMENTS } from "./word-vectors-tuning-searches.ts";

/** Prints how well reranking does on the tuning searches; run it when its weights are changed. */
const file = new URL("../worker/providers/embedded/word-vectors.bin", import.meta.url);
const vectors = parseWordVectors(new Uint8Array(readFileSync(file)).buffer);
const quality = measureSearches(vectors, [...LONG_DOCUMENTS, ...SHORT_DOCUMENTS]);
console.log(`${quality.searches} searches`);
console.log(`mean reciprocal rank: ${quality.meanReciprocalRank.toFixed(4)}`);
console.log(`nDCG:                 ${quality.discountedGain.toFixed(4)}`);
