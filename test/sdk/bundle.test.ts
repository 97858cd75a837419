import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { build } from "esbuild";
import type { BuildOptions } from "esbuild";
import { Miniflare } from "miniflare";
import { describe, expect, it } from "vitest";
import { HeadraceError, isHeadraceError } from "../../sdk/index.ts";
import { chatParams, chunk, completion, done, embeddings, embedParams, events } from "./local-server.ts";
import { jobEvent, json, silence, succeeded, useLocalServer } from "./local-server.ts";

const root = new URL("../..", import.meta.url).pathname;

/** An entry of the SDK as one script, and the source files in it. */
async function bundle(
  options: BuildOptions,
  entry = "sdk/index.ts",
): Promise<{ code: string; inputs: string[] }> {
  const common = { absWorkingDir: root, entryPoints: [entry], bundle: true, target: "es2022" };
  const result = await build({ ...common, ...options, write: false, metafile: true });
  return { code: result.outputFiles[0]?.text ?? "", inputs: Object.keys(result.metafile.inputs) };
}

describe("the bundle", () => {
  it.each(["sdk/index.ts", "sdk/jobs/index.ts", "sdk/webhooks/index.ts"])(
    "of %s holds the SDK's own code alone",
    async (entry) => {
      const { inputs } = await bundle({ format: "esm" }, entry);
      expect(inputs.filter((path) => !path.startsWith("sdk/"))).toEqual([]);
    },
  );

  it("of the client holds nothing of jobs and webhooks", async () => {
    const { inputs } = await bundle({ format: "esm" });
    expect(inputs.filter((path) => /^sdk\/(jobs|webhooks)\//.test(path))).toEqual([]);
  });

  it("is known by its errors in another realm", async () => {
    const { code } = await bundle({ format: "iife", globalName: "sdk" });
    const foreign: unknown = runInNewContext(`${code}; new sdk.HeadraceError("x", { code: "timeout" })`);
    expect(foreign).not.toBeInstanceOf(Error);
    expect(foreign).toBeInstanceOf(HeadraceError);
    expect(isHeadraceError(foreign)).toBe(true);
    const guard = runInNewContext(`${code}; sdk.isHeadraceError`) as typeof isHeadraceError;
    expect(guard(new HeadraceError("x", { code: "timeout" }))).toBe(true);
  });
});

describe("the SDK in other runtimes", () => {
  const server = useLocalServer();

  it("works in a Worker", async () => {
    const { code } = await bundle({ format: "esm" });
    const script = `${code}
      export default { async fetch() {
        const client = new Headrace({ baseURL: ${JSON.stringify(server().url)}, apiKey: "k" });
        const stream = await client.chat({ ...${JSON.stringify(chatParams)}, stream: true });
        const text = await stream.text();
        const { meta } = await client.chat(${JSON.stringify(chatParams)});
        const slow = client.embed(${JSON.stringify(embedParams)}, { attemptTimeoutMs: 50, maxRetries: 0 });
        const { code } = await slow.catch((error) => error);
        return Response.json({ text, retries: meta.retries, code });
      } }`;
    const retryNow = json(503, {}, { "retry-after": "0" });
    server().answer(events(chunk("Hi"), done), retryNow, json(200, completion), silence);
    const modules = { "worker.mjs": { type: "esm" as const, contents: script } };
    const config = {
      name: "caller",
      compatibilityDate: "2025-01-01",
      manifest: { mainModule: "worker.mjs", modules },
    };
    const worker = new Miniflare({ workers: [{ config }] });
    try {
      const response = await worker.dispatchFetch("http://worker.example/");
      expect(await response.json()).toEqual({ text: "Hi", retries: 1, code: "timeout" });
    } finally {
      await worker.dispose();
    }
  });

  it("leaves no timer that keeps a process alive", async () => {
    const script = `
      import { Headrace } from "./sdk/jobs/index.ts";
      const client = new Headrace({ baseURL: "${server().url}", apiKey: "k", timeoutMs: 3_600_000 });
      const params = ${JSON.stringify(chatParams)};
      await (await client.chat({ ...params, stream: true }, { attemptTimeoutMs: 3_600_000 })).text();
      await client.embed({ model: "embed", input: "x" });
      for await (const _ of await client.chat({ ...params, stream: true })) break;
      await client.run("embed", { input: "x" });
      for await (const _ of client.jobs.events("job_1")) break;
      const signal = AbortSignal.abort();
      await client.chat(params, { signal }).catch(({ code }) => console.log(code));`;
    const chat = events(chunk("a"), done);
    const job = json(200, succeeded(embeddings));
    server().answer(chat, json(200, embeddings), chat, job, events(jobEvent("1-0", "job.queued")));
    const command = ["--input-type=module", "-e", script];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: root });
    expect(stdout.trim()).toBe("aborted");
  });
});
