import type { Page } from "playwright-core";
import type { SdkModules } from "./sdk-modules.ts";
import type { SuiteTarget } from "./sdk-suite.ts";

/** It may run its own modules and nothing else, and call anyone: what the gateway lets in is up to it. */
const POLICY = "default-src 'none'; script-src 'self'; connect-src *";
const HTML = `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>A page that asks</title>
<link rel="icon" href="data:,">
<output></output>
<script type="module" src="/page.js"></script>
`;

const SCRIPT = `
import * as sdk from "/headrace.js";
import * as jobs from "/jobs.js";
import * as webhooks from "/webhooks.js";
import { runCase } from "/suite.js";

const show = async ({ baseURL, apiKey }, params) => {
  const client = new sdk.Headrace({ baseURL, token: () => apiKey });
  const stream = await client.chat({ ...params, stream: true });
  for await (const { choices } of stream) {
    document.querySelector("output").textContent += choices[0]?.delta.content ?? "";
  }
};

const failure = async ({ baseURL, apiKey }) => {
  const client = new sdk.Headrace({ baseURL, apiKey, maxRetries: 0 });
  const error = await client.models().catch((reason) => reason);
  return { code: error.code, isOurs: error instanceof sdk.HeadraceError };
};

globalThis.headracePage = { run: (name, target) => runCase(name, { ...target, sdk, jobs, webhooks }), show, failure };
`;

/** What the page's script offers to those who drive it. */
interface PageScope {
  readonly run: (name: string, target: SuiteTarget) => Promise<string | null>;
  readonly show: (target: SuiteTarget, params: object) => Promise<void>;
  readonly failure: (target: SuiteTarget) => Promise<{ readonly code: string; readonly isOurs: boolean }>;
}

declare global {
  var headracePage: PageScope;
}

/** The files of a page that imports the published SDK and the suite. */
export function buildSuitePage({ files }: SdkModules): Readonly<Record<string, string>> {
  const served = Object.entries(files).map(([name, text]) => [`/${name}`, text]);
  return { "/index.html": HTML, "/page.js": SCRIPT, ...Object.fromEntries(served) };
}

/** Runs a case of the suite in the page. */
export const runInPage = (page: Page, name: string, target: SuiteTarget): Promise<string | null> =>
  page.evaluate(([first, second]) => globalThis.headracePage.run(first, second), [name, target] as const);

/** Has the page stream an answer into its `<output>`; settles with the stream. */
export const showInPage = (page: Page, target: SuiteTarget, params: object): Promise<void> =>
  page.evaluate(([first, second]) => globalThis.headracePage.show(first, second), [target, params] as const);

/** Waits until what the page shows matches. */
export const waitUntilShown = (page: Page, hasText: RegExp): Promise<void> =>
  page.locator("output", { hasText }).waitFor();

/** How a call of the page fails. */
export const failureInPage = (page: Page, target: SuiteTarget): ReturnType<PageScope["failure"]> =>
  page.evaluate((first) => globalThis.headracePage.failure(first), target);
