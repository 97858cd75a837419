import { type Browser, chromium } from "playwright-core";
import { findBrowserBinary } from "./browser-binary.ts";

/** Nothing of it asks the network by itself, and names other than this machine's resolve to nothing. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost, EXCLUDE *.localhost",
];

/** Starts a headless Chromium with a profile of its own in a temporary directory; closing removes it. */
export async function startBrowser(): Promise<Browser> {
  const { executablePath, env } = await findBrowserBinary();
  return chromium.launch({ executablePath, args: FLAGS, env: { ...process.env, ...env } });
}
