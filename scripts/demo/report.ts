import { bold, dim, good, print } from "../launcher/terminal.ts";
import type { PassReport } from "./pass-report.ts";
import { costOf, type Price } from "./price.ts";
import { formatCount } from "./progress.ts";
import { renderTable, type Column } from "./table.ts";

const PASS_COLUMNS: readonly Column<PassReport>[] = [
  { title: "", read: ({ name }) => name, align: "left" },
  { title: "requests", read: ({ requests }) => formatCount(requests) },
  { title: "memory", read: ({ memory }) => formatCount(memory) },
  { title: "colo", read: ({ colo }) => formatCount(colo) },
  { title: "kv", read: ({ kv }) => formatCount(kv) },
  { title: "coalesced", read: ({ coalesced }) => formatCount(coalesced) },
  { title: "model", read: ({ computed }) => formatCount(computed) },
  { title: "p50 ms", read: ({ p50Ms }) => p50Ms.toFixed(1) },
  { title: "p95 ms", read: ({ p95Ms }) => p95Ms.toFixed(1) },
];

/** Prints what each pass showed. */
export function printPasses(passes: readonly PassReport[]): void {
  const [header = "", ...rows] = renderTable(PASS_COLUMNS, passes);
  print(bold(header));
  for (const row of rows) print(row);
  print(dim("memory, colo, kv: hits of that cache tier; coalesced: shared a call to a provider;"));
  print(dim("model: ran it. Single texts stay in memory: making one anew beats fetching it."));
}

interface Bill {
  readonly name: string;
  readonly tokens: number;
}

/** Prints what the passes would have cost at a provider's price, and what the cache saved of that. */
export function printCost(passes: readonly PassReport[], price: Price): void {
  const tokens = passes.reduce((sum, pass) => sum + pass.tokens, 0);
  const saved = passes.reduce((sum, pass) => sum + pass.savedTokens, 0);
  const bills = [
    { name: "without the gateway", tokens },
    { name: "with its cache", tokens: tokens - saved },
    { name: "saved", tokens: saved },
  ];
  const columns: readonly Column<Bill>[] = [
    { title: "", read: ({ name }) => name, align: "left" },
    { title: "tokens", read: (bill) => formatCount(bill.tokens) },
    { title: "cost", read: (bill) => `$${costOf(bill.tokens, price).toFixed(4)}` },
    { title: "share", read: (bill) => `${Math.round((100 * bill.tokens) / Math.max(1, tokens))}%` },
  ];
  const [header = "", ...rows] = renderTable(columns, bills);
  print(bold(header));
  rows.forEach((row, at) => print(at === rows.length - 1 ? good(row) : row));
  print(
    dim(`An estimate: the gateway's token counts at $${price.usdPerMillionTokens} per million, the price of`),
  );
  print(dim(`${price.label}. The model in the Worker itself costs nothing.`));
}
