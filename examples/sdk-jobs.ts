/**
 * Durable jobs: texts are embedded by jobs that are accepted once, however often this is run, and done to
 * their end, whoever waits. End it in the middle with Ctrl+C and run it again: it goes on.
 *
 *   HEADRACE_API_KEY=hr_… node examples/sdk-jobs.ts "my first import"
 */
import { Headrace, isHeadraceError } from "../sdk/jobs/index.ts";

const TEXTS = [
  "The last train leaves at ten past midnight.",
  "Refunds take five working days to arrive.",
  "Our kitchen closes at nine, the bar at one.",
];

const headrace = new Headrace({
  baseURL: process.env["HEADRACE_URL"] ?? "http://127.0.0.1:8787",
  apiKey: process.env["HEADRACE_API_KEY"] ?? "",
});
const name = process.argv[2] ?? "import";
const metadata = { import: name };

const jobs = await Promise.all(
  TEXTS.map((input, index) =>
    headrace.jobs.create(
      { task: "embeddings", input: { model: "embed", input }, metadata },
      { idempotencyKey: `${name} ${index}` },
    ),
  ),
);
for (const { id, meta } of jobs) console.log(id, meta.replayed ? "was there already" : "is new");

for (const { id } of jobs) {
  for await (const { type } of headrace.jobs.events(id)) console.log(id, type);
}

for await (const { id, status, cost_usd: cost } of headrace.jobs.list({ metadata })) {
  console.log(id, status, cost ?? "unpriced");
}

try {
  const { data, job } = await headrace.run("embed", { input: TEXTS }, { metadata, timeoutMs: 30_000 });
  console.log(`${data.length} vectors by one job, in ${job.attempts.length} attempt(s)`);
} catch (error) {
  if (!isHeadraceError(error)) throw error;
  console.log(`${error.job ?? "no job"}: ${error.code}`);
}
