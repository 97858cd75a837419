import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../worker/domain/config/parse-config.ts";
import { buildRegistry } from "../../worker/providers/registry.ts";
import { API_KEY, useDeployment } from "./deployment.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SNIPPETS = `${ROOT}out/readme`;
const run = promisify(execFile);
const app = useDeployment({ build: "product" });
const readme = await readFile(`${ROOT}README.md`, "utf8");

/** The code blocks of one language, whose fence may carry a further word. */
const blocks = (fence: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${fence}\\n(.*?)^\`\`\`$`, "gms"))].map((match) => match[1] ?? "");

const environment = () => ({
  ...process.env,
  HEADRACE_URL: app.gateway.url,
  HEADRACE_API_KEY: API_KEY,
});

async function runSnippet(code: string): Promise<string> {
  await mkdir(SNIPPETS, { recursive: true });
  const file = `${SNIPPETS}/snippet.ts`;
  await writeFile(file, code);
  return (await run(process.execPath, [file], { env: environment(), cwd: ROOT })).stdout.trim();
}

describe("the README", () => {
  it("has a curl that answers", async () => {
    const [curl = ""] = blocks("sh").filter((block) => block.startsWith("curl"));
    const { stdout } = await run("bash", ["-c", curl], { env: environment() });
    expect(JSON.parse(stdout)).toMatchObject({ object: "list", model: "words-en", data: [{ index: 0 }] });
  });

  it("shows the OpenAI SDK at work", async () => {
    const [snippet = ""] = blocks("ts").filter((block) => block.includes('from "openai"'));
    expect(await runSnippet(snippet)).toBe("100");
  });

  it("shows our SDK at work", async () => {
    const [snippet = ""] = blocks("ts").filter((block) => block.includes('from "headrace"'));
    expect(await runSnippet(snippet)).toBe("1 targets[0]=embedded/words-en false");
  });

  it("shows a job run to its end", async () => {
    const [snippet = ""] = blocks("ts").filter((block) => block.includes('from "headrace/jobs"'));
    expect(await runSnippet(snippet)).toBe("2 succeeded");
  });

  it("has a config that is valid", async () => {
    const [snippet = ""] = blocks("ts config");
    await mkdir(SNIPPETS, { recursive: true });
    const file = `${SNIPPETS}/headrace.config.ts`;
    await writeFile(file, snippet);
    const { default: config } = (await import(file)) as { default: unknown };
    expect(parseConfig(config, buildRegistry({}))).toMatchObject({ ok: true });
  });

  it("names only commands and files that exist", async () => {
    const { scripts } = JSON.parse(await readFile(`${ROOT}package.json`, "utf8")) as { scripts: object };
    const named = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)].map((match) => match[1] ?? "");
    const commands = named.filter((name) => name !== "ci");
    for (const name of commands) expect(scripts).toHaveProperty(name);
    for (const [, path = ""] of readme.matchAll(/\]\(([^)#]+)\)/g)) {
      await expect(readFile(`${ROOT}${path}`)).resolves.toBeDefined();
    }
  });
});
