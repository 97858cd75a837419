import type { Gateway } from "./gateway-process.ts";
import { accent, bold, dim, good, print, warning } from "./terminal.ts";

export interface BannerFacts {
  readonly gateway: Gateway;
  readonly apiKey: string;
  readonly keyCreated: boolean;
  readonly stateFolder: string;
}

/** Says where the gateway is, with what key, what it serves, and a line to try it with. */
export function printBanner({ gateway, apiKey, keyCreated, stateFolder }: BannerFacts): void {
  print();
  print(`${good("●")} ${bold("Headrace is running")}`);
  print();
  print(`${dim("URL    ")} ${accent(gateway.url)}`);
  print(
    `${dim("API key")} ${accent(apiKey)} ${dim(keyCreated ? "(new, in .dev.vars)" : "(from .dev.vars)")}`,
  );
  print(`${dim("State  ")} ${stateFolder}`);
  print(`${dim("Models ")} ${namesOf(gateway, "ready").join("  ")}`);
  for (const route of gateway.routes.filter(({ status }) => status !== "ready")) {
    const missing = (route.missing ?? []).join(", ");
    print(`        ${warning(route.name)} ${dim(`waits for ${missing}: put it into .dev.vars`)}`);
  }
  print();
  print(dim("Try it, with these two lines in your shell; the README's examples use them too:"));
  print();
  for (const line of buildExports(gateway.url, apiKey)) print(line);
  print();
  for (const line of CURL) print(line);
  print();
  print(dim("Ctrl-C ends it. What it logs:"));
  print();
}

const namesOf = ({ routes }: Gateway, wanted: string): readonly string[] =>
  routes.filter(({ status }) => status === wanted).map(({ name }) => name);

/** What the examples of the README read. */
export const buildExports = (url: string, apiKey: string): readonly string[] => [
  `export HEADRACE_URL=${url}`,
  `export HEADRACE_API_KEY=${apiKey}`,
];

/** A request to copy into a shell. */
const CURL: readonly string[] = [
  `curl "$HEADRACE_URL/v1/rerank" \\`,
  `  -H "Authorization: Bearer $HEADRACE_API_KEY" \\`,
  `  -H "Content-Type: application/json" \\`,
  `  -d '{"model":"rerank","query":"a trip to the moon","documents":["tax reform","the space race"]}'`,
];
