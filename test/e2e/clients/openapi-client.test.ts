import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { API_KEY, useDeployment } from "../deployment.ts";

const app = useDeployment();
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PACKAGE = join(ROOT, "test/openapi-client");
const run = promisify(execFile);

it("types made of the contract by openapi-typescript compile, and run a job by openapi-fetch", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "headrace-openapi-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  await cp(join(PACKAGE, "job.ts"), join(folder, "job.ts"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const contract = await (await fetch(`${app.gateway.url}/openapi.json`)).text();
  await writeFile(join(folder, "openapi.json"), contract);

  const inFolder = {
    cwd: folder,
    env: { ...process.env, HEADRACE_URL: app.gateway.url, HEADRACE_API_KEY: API_KEY },
  };
  const generate = join(PACKAGE, "node_modules/openapi-typescript/bin/cli.js");
  await run(process.execPath, [generate, "openapi.json", "-o", "api.d.ts"], inFolder);
  const options = "--noEmit --strict --skipLibCheck --module nodenext --target es2022 --types node".split(
    " ",
  );
  const files = ["--allowImportingTsExtensions", "job.ts"];
  for (const typescript of [ROOT, PACKAGE]) {
    const tsc = join(typescript, "node_modules/typescript/bin/tsc");
    const compiled = await run(process.execPath, [tsc, ...options, ...files], inFolder).catch(
      ({ stdout }: { stdout: string }) => ({ stdout }),
    );
    expect(compiled.stdout).toBe("");
  }
  const { stdout } = await run(process.execPath, ["job.ts"], inFolder);
  expect(JSON.parse(stdout)).toEqual({ status: "succeeded", hasOutput: true, said: "echo: hello" });
});
