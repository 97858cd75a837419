import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import {
  isExportDeclaration,
  isImportDeclaration,
  isTypeAliasDeclaration,
  isVariableStatement,
  type SourceFile,
  type Statement,
} from "typescript/unstable/ast";
import { API, NodeBuilderFlags, type Project } from "typescript/unstable/sync";

/**
 * What the types name of the runtime, taken from the `fetch` that a project's own libraries declare:
 * the DOM's, Node's or a Worker's (whose classes are no properties of `globalThis`, so `fetch` has to
 * tell). Where there is none the names stand for `unknown`, and still compile.
 */
const RUNTIME_TYPES = `\
type RequestInit = typeof globalThis extends { fetch: (url: string, init?: infer T) => unknown }
    ? NonNullable<T>
    : unknown;
type Response = typeof globalThis extends { fetch: (url: string) => Promise<infer T> } ? T : unknown;
type Blob = Response extends { blob(): Promise<infer T> } ? T : unknown;
type AbortSignal = RequestInit extends { signal?: infer T } ? NonNullable<T> : unknown;
`;

/**
 * Writes the types of each entry (a source file below sdk/, by the file to write) as one file that
 * imports nothing: the compiler's declarations, of which only what can be reached from the exports is
 * kept. The contract's types, which zod infers, are written out in full.
 */
export async function writeSdkDeclarations(
  root: string,
  entries: Readonly<Record<string, string>>,
): Promise<void> {
  const scratch = join(root, "out");
  await mkdir(scratch, { recursive: true });
  const emitted = await mkdtemp(join(scratch, "sdk-declarations-"));
  try {
    await emitDeclarations(root, emitted);
    for (const [outFile, entry] of Object.entries(entries)) {
      await writeFile(outFile, await bundleDeclarations(emitted, entry));
    }
  } finally {
    await rm(emitted, { recursive: true, force: true });
  }
}

async function emitDeclarations(root: string, outDir: string): Promise<void> {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const emit = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--stripInternal"];
  const command = [tsc, "-p", join(root, "sdk"), ...emit, "--rootDir", root, "--outDir", outDir];
  await promisify(execFile)(process.execPath, command);
}

async function bundleDeclarations(directory: string, entry: string): Promise<string> {
  const declared = join("sdk", entry.replace(/\.ts$/, ".d.ts"));
  const config = join(directory, "tsconfig.json");
  const compilerOptions = {
    module: "ESNext",
    moduleResolution: "Bundler",
    strict: true,
    lib: ["ES2023", "DOM"],
    types: [],
  };
  await writeFile(config, JSON.stringify({ compilerOptions, files: [declared] }));
  const text = await readFile(join(directory, declared), "utf8");
  const exported = text.replaceAll(/ from "[^"]+"/g, "");
  const kept = keepReachable(readDeclarations(directory, config), exported);
  return [RUNTIME_TYPES, ...kept, exported].join("\n");
}

/** Every declaration of our own, by its name. */
function readDeclarations(directory: string, config: string): Map<string, string> {
  const api = new API({ cwd: directory });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error(`The declarations cannot be read: ${config}`);
    const declarations = new Map<string, string>();
    for (const [file, statement] of listStatements(project, directory)) {
      const name = nameOf(statement);
      if (declarations.has(name)) throw new Error(`Two declarations have the name ${name}.`);
      declarations.set(name, readDeclaration(project, file, statement));
    }
    return declarations;
  } finally {
    api.close();
  }
}

/** What the files of a directory declare, without what they import and export again. */
function* listStatements(project: Project, directory: string): Generator<[SourceFile, Statement]> {
  for (const path of project.program.getSourceFileNames()) {
    const file = relative(directory, path).startsWith("..") ? undefined : project.program.getSourceFile(path);
    for (const statement of file?.statements ?? []) {
      if (file && !isImportDeclaration(statement) && !isExportDeclaration(statement)) yield [file, statement];
    }
  }
}

/** A declaration as it is written into the bundle: not exported, and without zod. */
function readDeclaration({ checker }: Project, file: SourceFile, statement: Statement): string {
  const text = file.text
    .slice(statement.pos, statement.end)
    .trim()
    .replace(/^export /m, "")
    // A type that the compiler imports from another file is declared in this one.
    .replaceAll(/import\("[^"]+"\)\./g, "")
    // With it, a class of one entry would be another type than the same class of another.
    .replace(/^ *#private;\n/m, "");
  if (!isTypeAliasDeclaration(statement) || !file.fileName.includes("/worker/contract/")) return text;
  const symbol = checker.getSymbolAtLocation(statement.name);
  if (symbol === undefined) throw new Error(`The type ${nameOf(statement)} cannot be resolved.`);
  const { InTypeAlias, NoTruncation, MultilineObjectLiterals } = NodeBuilderFlags;
  const flags = InTypeAlias | NoTruncation | MultilineObjectLiterals;
  const [head = ""] = text.split(" = ", 1);
  return `${head} = ${checker.typeToString(checker.getDeclaredTypeOfSymbol(symbol), undefined, flags)};`;
}

function nameOf(statement: Statement): string {
  const named = isVariableStatement(statement) ? statement.declarationList.declarations[0] : statement;
  return (named as { readonly name?: { readonly text?: string } } | undefined)?.name?.text ?? "";
}

/** The declarations that a text names, and those that these name in turn. */
function keepReachable(declarations: ReadonlyMap<string, string>, start: string): readonly string[] {
  const reached = new Set<string>();
  const visit = (text: string): void => {
    for (const word of text.replaceAll(/\/\*.*?\*\//gs, "").match(/[A-Za-z_$][\w$]*/g) ?? []) {
      const found = declarations.get(word);
      if (found === undefined || reached.has(word)) continue;
      reached.add(word);
      visit(found);
    }
  };
  visit(start);
  return [...declarations].filter(([name]) => reached.has(name)).map(([, text]) => text);
}
