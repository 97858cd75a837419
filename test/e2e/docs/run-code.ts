import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { API_KEY } from "../deployment.ts";
import { ROOT } from "./markdown-blocks.ts";

const run = promisify(execFile);
const FOLDER = `${ROOT}out/docs`;
let written = 0;

/** Writes code to a file of its own within the repository, where it finds the packages that it imports. */
export async function writeModule(code: string, kind: "ts" | "toml" = "ts"): Promise<string> {
  await mkdir(FOLDER, { recursive: true });
  const file = `${FOLDER}/block-${written++}.${kind}`;
  await writeFile(file, code);
  return file;
}

/** What code prints, with the gateway in its environment and in the place of `https://ai.example`. */
export class Runner {
  readonly #url: () => string;

  constructor(url: () => string) {
    this.#url = url;
  }

  /** The gateway's address for the one that the documents have. */
  place(text: string): string {
    return text.replaceAll("https://ai.example", this.#url());
  }

  async script(code: string): Promise<string> {
    return this.#print(process.execPath, [await writeModule(this.place(code))]);
  }

  file(path: string, ...parameters: string[]): Promise<string> {
    return this.#print(process.execPath, [ROOT + path, ...parameters]);
  }

  shell(code: string): Promise<string> {
    return this.#print("bash", ["-euc", this.place(code)]);
  }

  python(code: string): Promise<string> {
    return this.#print("python3", ["-c", this.place(code)]);
  }

  async #print(program: string, parameters: readonly string[]): Promise<string> {
    const env = { ...process.env, HEADRACE_URL: this.#url(), HEADRACE_API_KEY: API_KEY };
    return (await run(program, parameters, { env, cwd: ROOT })).stdout.trim();
  }
}
