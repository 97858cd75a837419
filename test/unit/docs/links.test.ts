import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const OTHERS = ["node_modules", "out", "dist", ".git", ".wrangler"];
const files = globSync("**/*", { cwd: ROOT, exclude: (path) => OTHERS.includes(basename(path)) });
const names = new Set(files.map((file) => basename(file)));
const documents = files.filter((file) => file.endsWith(".md"));

/** Tables that a run of the bench wrote, in which files stand as they were called then. */
const MEASURED = /<!-- measured: begin -->.*<!-- measured: end -->/s;
const URLS = /\b[a-z]+:\/\/\S+/g;

const read = (document: string) => readFileSync(resolve(ROOT, document), "utf8").replace(MEASURED, "");

/** The targets of all relative links, without what they name within a document. */
const linksOf = (text: string): string[] =>
  [...text.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** What is written like a file of the project: `worker/index.ts`, `wrangler.toml`. */
const pathsOf = (text: string): string[] =>
  [...text.replace(URLS, "").matchAll(/(?<![\w@./<>*-])[\w-][\w./-]*\.(?:ts|js|cjs|toml|md|bin|svg)\b/g)].map(
    ([path]) => path,
  );

const exists = (path: string, document: string): boolean =>
  existsSync(resolve(ROOT, path)) || existsSync(resolve(ROOT, dirname(document), path));

describe.each(documents)("%s", (document) => {
  const text = read(document);

  it("links to nothing that is not there", () => {
    const broken = linksOf(text).filter((path) => !existsSync(resolve(ROOT, dirname(document), path)));
    expect(broken).toEqual([]);
  });

  it("names no file that is not there", () => {
    const unknown = pathsOf(text).filter((path) => !names.has(path) && !exists(path, document));
    expect(unknown).toEqual([]);
  });
});

describe("the picture of the architecture", () => {
  const text = read("docs/architecture.md");
  const [, picture = ""] = /```mermaid\n(.*?)```/s.exec(text) ?? [];
  const named = [...picture.matchAll(/["\s>]((?:worker|durable-objects|sdk)\/[\w./-]*)/g)].map(
    ([, path = ""]) => path,
  );

  it("names only files and folders that are there", () => {
    expect(named.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
  });

  it("shows every folder of worker/ and the four steps of an upstream call", () => {
    const folders = globSync("worker/*/", { cwd: ROOT }).map((path) => `${path.replace(/\/$/, "")}/`);
    expect(named).toEqual(expect.arrayContaining(folders));
    expect(named).toEqual(
      expect.arrayContaining([
        "worker/domain/routing/plan-targets.ts",
        "worker/flows/targets/follow-plan.ts",
        "worker/flows/targets/attempt-target.ts",
        "worker/domain/facts/fact.ts",
      ]),
    );
  });
});
