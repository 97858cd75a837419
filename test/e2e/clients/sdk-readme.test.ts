import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { API_KEY, useDeployment } from "../deployment.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SNIPPETS = `${ROOT}out/sdk-readme`;
const app = useDeployment({ build: "product" });

/** What the snippets of a section of the README print, one after the other in one script. */
async function runSection(title: string): Promise<readonly string[]> {
  const readme = await readFile(`${ROOT}sdk/README.md`, "utf8");
  const [section = ""] = new RegExp(`^## ${title}\\n.*?(?=^## )`, "ms").exec(readme) ?? [];
  const snippets = [...section.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, snippet = ""]) => snippet);
  await mkdir(SNIPPETS, { recursive: true });
  const file = `${SNIPPETS}/${title}.ts`;
  await writeFile(file, snippets.join("\n").replace("https://ai.example", app.gateway.url));
  return (await run(file)).split("\n");
}

/** What a script prints, run with the gateway in its environment. */
async function run(file: string, ...parameters: string[]): Promise<string> {
  const env = { ...process.env, HEADRACE_URL: app.gateway.url, HEADRACE_API_KEY: API_KEY };
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...parameters], { env, cwd: ROOT });
  return stdout.trim();
}

describe("the SDK's README", () => {
  it("shows jobs at work", async () => {
    const [vectors, ...lines] = await runSection("Jobs");
    expect(vectors).toBe("2 succeeded");
    expect(lines.slice(0, 4)).toEqual(["job.queued", "job.started", "job.succeeded", "succeeded 0 1"]);
    expect(lines.at(-1)).toMatch(/^job_\S{43} succeeded$/);
  });

  it("shows a client that is made of parts", async () => {
    expect(await runSection("Parts")).toEqual(["true succeeded"]);
  });
});

describe("the example of jobs", () => {
  it("does its work once, however often it is run", async () => {
    const example = `${ROOT}examples/sdk-jobs.ts`;
    const first = (await run(example, "a test")).split("\n");
    expect(first.filter((line) => line.endsWith(" is new"))).toHaveLength(3);
    expect(first.filter((line) => line.endsWith(" job.succeeded"))).toHaveLength(3);
    expect(first.at(-1)).toBe("3 vectors by one job, in 1 attempt(s)");
    const second = (await run(example, "a test")).split("\n");
    expect(second.filter((line) => line.endsWith(" was there already"))).toHaveLength(3);
  });
});
