import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

describe("ensureDevVars", () => {
  it("makes the file, for its owner alone, with a key the gateway takes", async () => {
    const { apiKey, created } = await ensureDevVars(path);
    expect(created).toBe(true);
    expect(apiKey).toMatch(API_KEY);
    expect(apiKey).toMatch(/^hr_test_[0-9A-Za-z]{32,}$/);
    expect(await readFile(path, "utf8")).toContain(`\nHEADRACE_API_KEY=${apiKey}\n`);
    const { mode } = await stat(path);
    expect(mode & 0o777).toBe(0o600);
  });

  it("finds the same key again", async () => {
    const { apiKey } = await ensureDevVars(path);
    expect(await ensureDevVars(path)).toEqual({ apiKey, created: false });
  });

  it("leaves a file with a key as it is", async () => {
    const text = 'OPENAI_API_KEY="sk-x"\nHEADRACE_API_KEY="hr_test_mine"\n';
    await writeFile(path, text);
    expect(await ensureDevVars(path)).toEqual({ apiKey: "hr_test_mine", created: false });
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it.each(["OPENAI_API_KEY=sk-x", "OPENAI_API_KEY=sk-x\n", "HEADRACE_API_KEY=\n", ""])(
    "adds the key to a file that lacks it: %j",
    async (text) => {
      await writeFile(path, text);
      const { apiKey, created } = await ensureDevVars(path);
      expect(created).toBe(true);
      const written = await readFile(path, "utf8");
      expect(written.startsWith(text)).toBe(true);
      expect(written).toMatch(new RegExp(`(^|\\n)HEADRACE_API_KEY=${apiKey}\\n$`));
    },
  );

  it("passes on what keeps it from reading", async () => {
    await expect(ensureDevVars(folder)).rejects.toThrow("EISDIR");
  });
});
