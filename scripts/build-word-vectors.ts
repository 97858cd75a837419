import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import * as format from "../worker/providers/embedded/word-vectors.ts";
import { fillSlots } from "../worker/providers/embedded/word-index.ts";
import { prepareRows, quantiseRows } from "./word-vectors-model.ts";
import { separation } from "./word-vectors-quality.ts";
import { loadWordVectorPackage } from "./word-vectors-source.ts";
import { PARAPHRASES, UNRELATED } from "./word-vectors-tuning-pairs.ts";

/** Slots of the index: 1.6 for each word. */
const SLOTS = 32_768;

/**
 * Makes worker/providers/embedded/word-vectors.bin. Run it to change the model, not to build Headrace:
 *
 *   node --max-old-space-size=6000 scripts/build-word-vectors.ts [--source <json>] [--words 20000] [--output
 * <bin>]
 *
 * The same package gives the same bytes. Quality is measured on the tuning pairs; the pairs that judge are in
 * test/fixtures/sentence-pairs.json, and only the tests read them.
 */
const { values: options } = parseArgs({
  options: {
    source: { type: "string" },
    words: { type: "string", default: "20000" },
    output: { type: "string", default: "worker/providers/embedded/word-vectors.bin" },
  },
});

const source = loadWordVectorPackage(options.source);
const words = source.words.filter((word) => /^[a-z0-9]+$/.test(word)).slice(0, Number(options.words));
const rows = prepareRows(
  words.map((word) => Float64Array.from((source.vectors[word] ?? []).slice(0, source.dimensions))),
);
const file = encodeFile(words, source.dimensions, quantiseRows(rows));
writeFileSync(options.output, file);

const vectors = format.parseWordVectors(file.buffer);
const exact = { ...vectors, values: Float64Array.from(rows.flatMap((row) => [...row])), typicalLength: 1 };
console.log(`${words.length} words, ${file.length} bytes, ${gzipSync(file, { level: 9 }).length} gzipped`);
console.log(`AUC on the tuning pairs: ${separation(vectors, PARAPHRASES, UNRELATED).toFixed(4)}`);
console.log(`AUC without rounding:    ${separation(exact, PARAPHRASES, UNRELATED).toFixed(4)}`);

/** The parts in the order that word-vectors.ts describes. */
function encodeFile(
  list: readonly string[],
  dimensions: number,
  rowValues: Int8Array,
): Uint8Array<ArrayBuffer> {
  const slots = fillSlots(list, SLOTS);
  const header = new DataView(new ArrayBuffer(format.WORD_VECTORS_HEADER_BYTES));
  header.setUint32(0, format.WORD_VECTORS_MAGIC, true);
  header.setUint16(4, format.WORD_VECTORS_VERSION, true);
  header.setUint16(6, dimensions, true);
  header.setUint32(8, list.length, true);
  header.setUint32(12, slots.length, true);
  const lengths = Uint8Array.from(list, (word) => word.length);
  const parts = [header, slots, lengths, rowValues, new TextEncoder().encode(list.join(""))];
  const bytes = parts.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return new Uint8Array(Buffer.concat(bytes));
}
