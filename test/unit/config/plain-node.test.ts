import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** What a tool of one's own would do, in a Node that knows neither bundler nor Worker. */
const SCRIPT = `
  import { configSchemaOf, defineConfig, secret, variable } from "headrace/config";
  import config from "./headrace.config.ts";
  const schema = configSchemaOf([{ kind: "embedded", runsIn: "worker" }]);
  const { routes, limits } = schema.parse(defineConfig(config));
  console.log(JSON.stringify([Object.keys(routes), limits.requestBytes, secret("A"), variable("B", "c")]));
`;

it("headrace/config loads in plain Node, and reads the config of this deployment", async () => {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", SCRIPT], { cwd: ROOT });
  expect(JSON.parse(stdout)).toEqual([
    expect.arrayContaining(["chat", "embed", "rerank", "language", "sentiment"]),
    4_194_304,
    { secret: "A" },
    { variable: "B", fallback: "c" },
  ]);
});
