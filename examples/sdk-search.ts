/**
 * Search in a few lines: the nearest texts by their vectors, then the reranker's word on them.
 *
 *   HEADRACE_API_KEY=hr_… node examples/sdk-search.ts "a ride to the airport at night"
 */
import { Headrace } from "../sdk/index.ts";

const TEXTS = [
  "The last train leaves at ten past midnight.",
  "Refunds take five working days to arrive.",
  "Our kitchen closes at nine, the bar at one.",
  "Taxis wait in front of the station all night.",
];

const client = new Headrace({
  baseURL: process.env["HEADRACE_URL"] ?? "http://127.0.0.1:8787",
  apiKey: process.env["HEADRACE_API_KEY"] ?? "",
});
const query = process.argv[2] ?? "a ride to the airport at night";

const { data } = await client.embed({ model: "embed", input: [query, ...TEXTS] });
const [wanted = [], ...vectors] = data.map(({ embedding }) => embedding as number[]);
const nearest = TEXTS.map((text, at) => ({ text, likeness: dot(wanted, vectors[at] ?? []) }))
  .toSorted((a, b) => b.likeness - a.likeness)
  .slice(0, 3);

const documents = nearest.map(({ text }) => text);
const ranked = await client.rerank({ model: "rerank", query, documents });
for (const { index, relevance_score: score } of ranked.results) {
  console.log(`${score.toFixed(3)}  ${documents[index]}`);
}
console.log(ranked.meta.cache.hit ? `a hit in ${ranked.meta.cache.tier}` : "no hit this time: run it again");

/** The vectors have length 1, so this is their cosine. */
function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}
