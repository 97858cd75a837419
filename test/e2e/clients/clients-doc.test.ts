import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { API_KEY, useDeployment } from "../deployment.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SNIPPETS = `${ROOT}out/clients`;
const app = useDeployment();
const doc = await readFile(`${ROOT}docs/clients.md`, "utf8");

/** Writes the code block of a fence to a file of its own. */
async function writeBlock(fence: string, file: string): Promise<string> {
  const [, block = ""] = new RegExp(`^\`\`\`${fence}\\n(.*?)^\`\`\`$`, "ms").exec(doc) ?? [];
  await mkdir(SNIPPETS, { recursive: true });
  await writeFile(`${SNIPPETS}/${file}`, block);
  return `${SNIPPETS}/${file}`;
}

describe("the settings of clients", () => {
  it("show the AI SDK at work", async () => {
    const env = { ...process.env, HEADRACE_URL: app.gateway.url, HEADRACE_API_KEY: API_KEY };
    const file = await writeBlock("ts", "ai-sdk.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env, cwd: ROOT });
    expect(stdout.trim()).toBe("echo: Hello!");
  });

  it("have a config that is valid", async () => {
    const { default: config } = (await import(await writeBlock("ts config", "headrace.config.ts"))) as {
      default: unknown;
    };
    expect(parseConfig(config, buildRegistry({}))).toMatchObject({
      ok: true,
      value: { routes: { chat: { unavailableTools: "refuse" } } },
    });
  });
});
