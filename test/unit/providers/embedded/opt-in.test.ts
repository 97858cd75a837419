import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const WORKER = fileURLToPath(new URL("../../../../worker/", import.meta.url));

/** The files of the bundle of an entry, as wrangler would make it. */
async function bundle(entry: string): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: entry, resolveDir: WORKER, loader: "ts" },
    bundle: true,
    write: false,
    metafile: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*"],
    loader: { ".bin": "binary" },
    logLevel: "error",
  });
  const [output] = Object.values(metafile.outputs);
  return Object.entries(output?.inputs ?? {}).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? path : [],
  );
}

const DATA = /\.bin$|node_modules\/(?:vader-sentiment|eld)\/|worker\/providers\/embedded\//;
const START = `
  import { createHeadrace } from "./create-headrace.ts";
  const config = { providers: { openai: { kind: "openai", preset: "openai" } }, routes: {} };
`;

describe("the bundle of a Worker", () => {
  it("has nothing of the embedded models where these are not handed over", async () => {
    const files = await bundle(`${START} export default createHeadrace(config).worker;`);
    expect(files).toContainEqual(expect.stringContaining("worker/create-worker.ts"));
    expect(files.filter((path) => DATA.test(path))).toEqual([]);
  });

  it("has their data where they are", async () => {
    const files = await bundle(`${START}
      import { embedded } from "./providers/embedded/adapter.ts";
      export default createHeadrace(config, { providers: { embedded } }).worker;
    `);
    for (const name of ["word-vectors.bin", "language-profiles.bin", "vader-sentiment/"]) {
      expect(files).toContainEqual(expect.stringContaining(name));
    }
  });
});
