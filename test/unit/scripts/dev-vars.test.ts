import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureDevVars } from "../../../scripts/launcher/dev-vars.ts";
import { API_KEY } from "../../../worker/contract/api-key.ts";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headrace-dev-vars-"));
  path = join(folder, ".dev.vars");
});
afterEach(() => rm(folder, { recursive: true }));

const SECRET = /^[0-9A-Za-z]{40}$/;

describe("ensureDevVars", () => {
  it("makes the file, for its owner alone, with a key the gateway takes and a secret for webhooks", async () => {
    const { apiKey, created } = await ensureDevVars(path);
    expect(created).toBe(true);
    expect(apiKey).toMatch(API_KEY);
    expect(apiKey).toMatch(/^hr_test_[0-9A-Za-z]{32,}$/);
    const written = parseEnv(await readFile(path, "utf8"));
    expect(written).toEqual({
      HEADRACE_API_KEY: apiKey,
      HEADRACE_WEBHOOK_SECRET: expect.stringMatching(SECRET),
    });
    expect(apiKey).not.toContain(written["HEADRACE_WEBHOOK_SECRET"]);
    const { mode } = await stat(path);
    expect(mode & 0o777).toBe(0o600);
  });

  it("finds the same key again, and writes nothing", async () => {
    const { apiKey } = await ensureDevVars(path);
    const text = await readFile(path, "utf8");
    expect(await ensureDevVars(path)).toEqual({ apiKey, created: false });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("leaves a file that has both as it is", async () => {
    const text = 'HEADRACE_WEBHOOK_SECRET=mine\nHEADRACE_API_KEY="hr_test_mine"\n';
    await writeFile(path, text);
    expect(await ensureDevVars(path)).toEqual({ apiKey: "hr_test_mine", created: false });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("adds the webhooks' secret alone to a file that has a key", async () => {
    const text = 'OPENAI_API_KEY="sk-x"\nHEADRACE_API_KEY="hr_test_mine"\n';
    await writeFile(path, text);
    expect(await ensureDevVars(path)).toEqual({ apiKey: "hr_test_mine", created: false });
    const written = await readFile(path, "utf8");
    expect(written.startsWith(text)).toBe(true);
    expect(written.slice(text.length)).toMatch(/^HEADRACE_WEBHOOK_SECRET=[0-9A-Za-z]{40}\n$/);
  });

  it.each(["OPENAI_API_KEY=sk-x", "OPENAI_API_KEY=sk-x\n", "HEADRACE_API_KEY=\n", ""])(
    "adds both to a file that lacks them: %j",
    async (text) => {
      await writeFile(path, text);
      const { apiKey, created } = await ensureDevVars(path);
      expect(created).toBe(true);
      const written = await readFile(path, "utf8");
      expect(written.startsWith(text)).toBe(true);
      expect(parseEnv(written)).toMatchObject({
        HEADRACE_API_KEY: apiKey,
        HEADRACE_WEBHOOK_SECRET: expect.stringMatching(SECRET),
      });
    },
  );

  it("passes on what keeps it from reading", async () => {
    await expect(ensureDevVars(folder)).rejects.toThrow("EISDIR");
  });
});
