import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildSdkModules } from "../../clients/sdk-modules.ts";
import { suite } from "../../clients/sdk-suite.ts";
import {
  buildSuitePage,
  failureInPage,
  runInPage,
  showInPage,
  waitUntilShown,
} from "../../clients/suite-page.ts";
import { startBrowser } from "../../helpers/browser.ts";
import { hasBrowser } from "../../helpers/browser-binary.ts";
import { type StaticServer, startStaticServer } from "../../helpers/static-server.ts";
import { API_KEY, says, useDeployment } from "../deployment.ts";

describe.skipIf(!hasBrowser)("a page of another origin, in Chromium", () => {
  const app = useDeployment();
  let site: StaticServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    [site, browser] = await Promise.all([
      buildSdkModules("browser").then(buildSuitePage).then(startStaticServer),
      startBrowser(),
    ]);
    page = await open("localhost");
  });
  afterAll(() => Promise.all([browser?.close(), site?.stop()]));

  const target = () => ({ baseURL: app.gateway.url, apiKey: API_KEY, run: "chromium" });
  const open = async (host: string): Promise<Page> => {
    const opened = await browser.newPage();
    await opened.goto(`http://${host}:${site.port}/index.html`);
    return opened;
  };

  for (const [name, { faults = [], aborts = 0, shows = [] }] of Object.entries(suite)) {
    it(name, { meta: { client: "headrace (Chromium)", shows } }, async () => {
      for (const { fault, ...rule } of faults) await app.primary.fault(fault, rule);
      expect(await runInPage(page, name, target())).toBeNull();
      if (aborts > 0) await app.primary.waitUntilAborted(aborts);
    });
  }

  it("shows an answer while it is written", async () => {
    await app.primary.fault({ kind: "hang", after: 4 });
    const shown = await open("localhost");
    const ended = showInPage(shown, target(), { model: "chat", messages: says("one two three") });
    ended.catch(() => {});
    await waitUntilShown(shown, /^echo: one two$/);
    await shown.close();
    await expect(ended).rejects.toThrow("closed");
  });

  it("ends the provider's call when it is closed", async () => {
    await app.primary.fault({ eventDelayMs: 10 });
    const closing = await open("localhost");
    const params = { model: "chat", messages: says("word ".repeat(2000)) };
    const ended = showInPage(closing, target(), params);
    ended.catch(() => {});
    await waitUntilShown(closing, /^echo: word/);
    await closing.close();
    await app.primary.waitUntilAborted();
  });

  it("gets a connection error, and no answer, where the config does not list its origin", async () => {
    const stranger = await open("stranger.localhost");
    const refusals: string[] = [];
    stranger.on("console", (message) => refusals.push(message.text()));
    expect(await failureInPage(stranger, target())).toEqual({ code: "connection_error", isOurs: true });
    expect(refusals.join()).toMatch(/blocked by CORS policy/);
    expect(await failureInPage(page, { ...target(), apiKey: "hr_test_wrong" })).toMatchObject({
      code: "unauthenticated",
    });
  });
});
