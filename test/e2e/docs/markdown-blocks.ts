import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OTHERS = ["node_modules", "out", "dist", ".git", ".wrangler"];
const FENCED = /^(#+ [^\n]*)$|^```([^\n]*)\n(.*?)^```$/gms;

/** The blocks of code of all Markdown files, by where they stand: `docs/clients.md, Codex: toml`. */
export function readBlocks(): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>();
  const files = globSync("**/*.md", { cwd: ROOT, exclude: (path) => OTHERS.includes(basename(path)) });
  for (const file of files.toSorted()) {
    let heading = "";
    for (const [, title, fence, code = ""] of readFileSync(ROOT + file, "utf8").matchAll(FENCED)) {
      if (title !== undefined) heading = title.replace(/^#+ /, "");
      else blocks.set(nameBlock(blocks, `${file}, ${heading}: ${fence}`), code);
    }
  }
  return blocks;
}

function nameBlock(blocks: ReadonlyMap<string, string>, name: string): string {
  let place = 1;
  const numbered = () => (place === 1 ? name : `${name} (${place})`);
  while (blocks.has(numbered())) place++;
  return numbered();
}
