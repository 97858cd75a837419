/** The fault matrix as the tables of docs/reliability.md; pure. */
import { type Way, WAYS } from "../../fixtures/deployment/fault-routes.ts";
import { alignColumns } from "../../helpers/compatibility/tables.ts";
import type { Got } from "./ask-ways.ts";
import type { Seen, SeenCell } from "./run-cells.ts";

const TITLES: Readonly<Record<Way, string>> = {
  chat: "A chat's whole answer",
  stream: "A chat's stream",
  embeddings: "Embeddings",
  window: "Embeddings of two requests that share a call (`window`)",
  job: "A chat's job",
  "windowed-job": "Embeddings of two jobs that share a call (`jobs.window`)",
};
/** What docs/reliability.md says of the matrix: a table a way, in Markdown. */
export const writeTables = (cells: readonly SeenCell[]): string =>
  WAYS.map((way) => `### ${TITLES[way]}\n\n${writeTable(cells.filter((cell) => cell.way === way))}`).join(
    "\n\n",
  );

function writeTable(cells: readonly SeenCell[]): string {
  const hasAlone = cells.some(({ alone }) => alone);
  const heads = ["the first target", "the client gets", "calls", "told of failures", "billed"];
  return alignColumns([
    [...heads, ...(hasAlone ? ["without a second target"] : [])],
    ...cells.map(({ row, seen, alone }) => [
      row.what,
      writeGot(seen.got),
      `${seen.calls.first} + ${seen.calls.second}`,
      writeFailures(seen),
      writeBill(seen),
      ...(alone ? [`${writeGot(alone.got)}, ${writeCount(alone.calls.first)}`] : []),
    ]),
  ]);
}

function writeGot(got: Got | Error): string {
  if (got instanceof Error) return "nothing";
  const { status, code = "", answer, target, retryAfter } = got;
  if (answer === "part") return `words, then \`${code}\``;
  if (answer === "whole") return target?.startsWith("targets[0]") ? "its answer" : "the second's answer";
  return `${status} \`${code}\`${retryAfter === null ? "" : ` with Retry-After`}`;
}

const writeCount = (calls: number) => (calls === 1 ? "1 call" : `${calls} calls`);

function writeFailures({ failed }: Seen): string {
  const counts = Map.groupBy(failed, ({ error }) => error);
  const lines = [...counts].map(([code, { length }]) => `\`${code}\`${length > 1 ? ` × ${length}` : ""}`);
  return lines.join(", ") || "none";
}

/** In millionths of a USD, of which a whole number is left after rounding; `~` where it is an estimate. */
function writeBill({ failed, answers }: Pick<Seen, "failed" | "answers">): string {
  const lost = sumCosts(failed);
  const paid = sumCosts(answers);
  const parts = [...(lost > 0 ? [`~${lost}`] : []), ...(paid > 0 ? [String(paid)] : [])];
  return parts.join(" + ") || "nothing";
}

const sumCosts = (facts: readonly { readonly costUsd: number | undefined }[]): number =>
  Math.round(facts.reduce((sum, { costUsd = 0 }) => sum + costUsd, 0) * 1e6);
