import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** Whether documents are to be written anew, rather than held to what the tests show (`--update=all`). */
    writesDocuments: boolean;
  }
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Holds what a document says between its marks (`<!-- name: begin -->`, `<!-- name: end -->`) to this text; with
 * `--update=all` it is written instead.
 */
export function holdSection(path: string, name: string, text: string): void {
  const [begin, end] = [`<!-- ${name}: begin -->\n`, `<!-- ${name}: end -->`];
  const document = readFileSync(ROOT + path, "utf8");
  const from = document.indexOf(begin) + begin.length;
  const to = document.indexOf(end);
  if (to < 0 || from > to) throw new Error(`${path} has no section "${name}"`);
  if (!inject("writesDocuments")) return expect(document.slice(from, to).trim()).toBe(text);
  writeFileSync(ROOT + path, `${document.slice(0, from)}\n${text}\n\n${document.slice(to)}`);
}
