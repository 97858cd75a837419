/** The commands of package.json as a user runs them: real processes, `wrangler dev`, real signals. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  appendFile,
  chmod,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findFreePort } from "../../scripts/launcher/free-port.ts";
import { createKey } from "../../scripts/launcher/random-key.ts";
import { WRANGLER_ENVIRONMENT } from "../helpers/wrangler-environment.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PATIENCE_MS = 120_000;

/** A user's: without what other tests of this process have set for wrangler. */
const NOT_A_USERS = ["PORT", "HEADRACE_STATE", ...Object.keys(WRANGLER_ENVIRONMENT)];
const ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !NOT_A_USERS.includes(name)),
);

let folder = "";
const started: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "headrace-start-"));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function run(
  command: string,
  args: readonly string[] = [],
  variables: Record<string, string> = {},
  root = ROOT,
) {
  const env = { ...ENVIRONMENT, NO_COLOR: "1", TMPDIR: folder, ...variables };
  const child = spawn(process.execPath, [join(root, "scripts/launcher/run.js"), command, ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  started.push(child);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([stdout, stderr, [code]]) => ({ stdout, stderr, code: code as number | null }),
  );
  return { child, ended };
}

/** A copy of what the commands need, for what a test would not do to the repository itself. */
async function makeCopy(): Promise<string> {
  const copy = join(folder, "copy");
  for (const name of [
    "worker",
    "durable-objects",
    "sdk",
    "scripts",
    "test/helpers",
    "headrace.config.ts",
    "wrangler.toml",
    "package.json",
  ]) {
    await cp(join(ROOT, name), join(copy, name), { recursive: true });
  }
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/** What runs now; the dead whom nobody has waited for do not. */
function listProcesses(): readonly Process[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid=,pgid=,stat="], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => {
    const [pid = 0, parent = 0, group = 0] = line.trim().split(/\s+/).map(Number);
    return pid === 0 || line.includes("Z") ? [] : [{ pid, parent, group }];
  });
}

/** The groups that a command's children lead. */
const groupsOf = (child: ChildProcess): readonly number[] =>
  listProcesses().flatMap(({ pid, parent, group }) => (parent === child.pid && pid === group ? [group] : []));

const membersOf = (groups: Iterable<number>): readonly Process[] => {
  const wanted = new Set(groups);
  return listProcesses().filter(({ group }) => wanted.has(group));
};

/** Starts `npm start`, and waits for its word that the gateway is ready. */
async function startGateway(port: number, root = ROOT) {
  const state = join(folder, "state");
  const { child, ended } = run("start", [], { PORT: String(port), HEADRACE_STATE: state }, root);
  let output = "";
  const ready = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes("Ctrl-C ends it")) resolve();
    });
  });
  await Promise.race([ready, ended]);
  expect(output).toContain(`http://127.0.0.1:${port}`);
  const groups = groupsOf(child);
  expect(membersOf(groups).length).toBeGreaterThan(3);
  const key = /API key (hr_\S+)/.exec(output)?.[1] ?? "";
  return { child, ended, groups, key, state, url: `http://127.0.0.1:${port}`, told: () => output };
}

/** What wrangler and Miniflare serve on a gateway's port beside the Worker, in the names of old and of now. */
const EXPLORERS = ["/cdn-cgi/explorer", "/cdn-cgi/local/explorer"];
const OBJECTS = "/api/workers/durable_objects/namespaces";
const WRANGLERS_PATHS = [
  ...EXPLORERS.flatMap((explorer) => [
    explorer,
    `${explorer}/`,
    `${explorer}/api`,
    `${explorer}/api/local/workers`,
    `${explorer}/api/storage/kv/namespaces`,
    `${explorer}/api/storage/kv/namespaces/headrace/keys`,
    `${explorer}${OBJECTS}`,
    `${explorer}${OBJECTS}/headrace-JobObject/objects`,
    `${explorer}/api/d1/database`,
    `${explorer}/api/r2/buckets`,
    `${explorer}/api/workflows`,
  ]),
  "/cdn-cgi/local",
  "/cdn-cgi/local/r2/public/bucket/key",
  "/cdn-cgi/local/r2/s3/bucket/key",
  "/cdn-cgi/mf/stream",
  "/cdn-cgi/mf/imagedelivery",
  "/cdn-cgi/mf/reload",
  "/cdn-cgi/live-reload",
  "/__cf_local/stream",
  "/__cf_local/imagedelivery",
  "/__cf_local/imageupload",
];
/** Those that wrangler dev cannot be told not to serve: the Worker has no handler of e-mails, and its schedule probes. */
const TRIGGERS = ["scheduled", "email"].flatMap((name) => [
  `/cdn-cgi/local/${name}`,
  `/cdn-cgi/handler/${name}`,
]);
const PLATFORM_PROXY = "/cdn-cgi/local/platform-proxy";

/** A working key for a tenant of one's own, as the explorer would write it. */
function forgeKey() {
  const key = createKey("live");
  const name = `key:${createHash("sha256").update(key).digest("hex")}`;
  const record = { tenant: "forged", name: "forged", createdAt: new Date().toISOString() };
  return { key, path: `/api/storage/kv/namespaces/headrace/values/${name}`, body: JSON.stringify(record) };
}

async function expectNothingOfWrangler(url: string): Promise<void> {
  const ask = async (method: string, path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { method, ...init });
    return `${method} ${path} ${response.status} ${(await response.text()).slice(0, 60)}`;
  };
  for (const path of WRANGLERS_PATHS) {
    for (const method of ["GET", "POST"]) {
      expect(await ask(method, path)).toContain(` 404 {"error":{"message":"There is nothing at this path.`);
    }
  }
  for (const path of TRIGGERS)
    expect(await ask("POST", path)).toMatch(/ 500 exception$| 400 Invalid email|scheduled 200 ok$/);
  const headers = { "MF-Op": "GET", "MF-Op-Target": "[1]", "MF-Op-Secret": "00".repeat(16) };
  expect(await ask("POST", PLATFORM_PROXY, { headers })).toMatch(/ 401 $/);
  expect(await ask("POST", PLATFORM_PROXY)).toMatch(/ 400 Invalid proxy request$/);
  for (const explorer of EXPLORERS) {
    const { key, path, body } = forgeKey();
    await ask("PUT", explorer + path, { body });
    expect((await listModels(url, key)).status).toBe(401);
  }
}

/** A state folder as gateways used to make it, with what they stored. */
async function makeOpenState(state: string): Promise<void> {
  await mkdir(join(state, "v3/kv"), { recursive: true });
  await writeFile(join(state, "v3/kv/stored"), "");
  for (const path of [join(state, "v3"), join(state, "v3/kv"), state]) await chmod(path, 0o755);
  await chmod(join(state, "v3/kv/stored"), 0o644);
}

/** What others than the owner may do with a folder and all that is in it. */
async function findOpen(state: string): Promise<readonly string[]> {
  const names = [".", ...(await readdir(state, { recursive: true }))];
  // The storage's journals come and go while it runs.
  const modes = names.map((name) => stat(join(state, name)).catch(() => ({ mode: 0 })));
  return (await Promise.all(modes)).flatMap(({ mode }, at) =>
    (mode & 0o077) === 0 ? [] : [names[at] ?? ""],
  );
}

const listModels = (url: string, key: string): Promise<Response> =>
  fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${key}`, connection: "close" } });

/** Where a demo's own processes are written down, to be looked for after its end. */
function watchChildren(child: ChildProcess) {
  const groups = new Set<number>();
  const others = new Set<number>();
  const look = () => {
    for (const { pid, parent, group } of listProcesses()) {
      if (parent === child.pid) (pid === group ? groups : others).add(pid);
    }
  };
  const alive = () => listProcesses().filter(({ pid, group }) => groups.has(group) || others.has(pid));
  return { groups, others, look, alive };
}

const leftovers = async () => (await readdir(folder)).filter((name) => name.startsWith("headrace-demo-"));

/** The rows of a table that begin with these words, as their numbers. */
const readRows = (stdout: string, name: string): readonly (readonly number[])[] =>
  [...stdout.matchAll(new RegExp(`^ +${name} +([\\d,]+) +([\\d,]+)$`, "gm"))].map(([, ...cells]) =>
    cells.map((cell) => Number(cell.replaceAll(",", ""))),
  );

/** What the demo's second table has to say whatever the jobs met: the first time, and again. */
function readJobs(stdout: string) {
  const row = (name: string) => readRows(stdout, name)[0] ?? [];
  const endings = ["succeeded at the 1st attempt", "succeeded at the 2nd", "succeeded at the 3rd or later"];
  const ended = [...endings, "failed"].map(row);
  return {
    submitted: row("jobs submitted"),
    fresh: row("new jobs"),
    ended: [0, 1].map((column) => ended.reduce((sum, cells) => sum + (cells[column] ?? 0), 0)),
    replayed: row("replays of a job that was there"),
    sameId: row("with the same id"),
    sameAnswer: row("with the same answer, byte for byte"),
  };
}

describe("npm run demo", () => {
  it(
    "shows the cache and the jobs at work, and leaves nothing behind",
    { timeout: PATIENCE_MS },
    async () => {
      const { child, ended } = run("demo", ["--passages", "60", "--jobs", "60"]);
      const { groups, others, look, alive } = watchChildren(child);
      child.stdout.on("data", look);
      const { stdout, stderr, code } = await ended;
      expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
      expect(stdout).toMatch(/^ {2}first pass +60 +0 +0 +0 +0 +60 /m);
      expect(stdout).toMatch(/^ {2}second pass +60 +60 +0 +0 +0 +0 /m);
      // Answers that the Worker computes itself are not shared: they are there sooner than a flight would be.
      expect(stdout).toMatch(/^ {2}same at once +128 +[1-9]\d* +0 +0 +0 +\d+ /m);
      expect(stdout).toMatch(/^ {2}after restart +128 +\d+ +[1-9]\d* +0 +0 +0 /m);
      expect(stdout).toMatch(/^ {2}saved +[\d,]+ +\$0\.\d{4} +\d+%$/m);
      expect(readJobs(stdout)).toEqual({
        submitted: [60, 60],
        fresh: [60, 0],
        ended: [60, 0],
        replayed: [0, 60],
        sameId: [0, 60],
        sameAnswer: [0, 60],
      });
      const [calls = 0, callsAgain] = readRows(stdout, "calls that the provider received")[0] ?? [];
      const [failedJobs = 0, failedCalls = 0] = readRows(stdout, "failed").map(([first]) => first);
      expect(callsAgain).toBe(0);
      expect(failedCalls).toBe(calls - (60 - failedJobs));
      expect(failedCalls / calls).toBeGreaterThan(0.2);
      expect(stdout).toMatch(/^ {2}first time: \d+ of 60 done, \d+ queued, \d+ running, \d+ retrying$/m);
      expect(stdout).toContain("  again: 60 of 60 done, 0 queued, 0 running, 0 retrying\n");
      expect(stdout).toContain("  Nothing ran twice: 60 jobs submitted again, and not one call made.\n");
      expect([groups.size, others.size]).toEqual([2, 1]);
      expect(alive()).toEqual([]);
      expect(await leftovers()).toEqual([]);
    },
  );

  it("asks no provider whose key is in .dev.vars", { timeout: PATIENCE_MS }, async () => {
    let asked = 0;
    const paid = createHttpServer((_, response) => {
      asked++;
      response.writeHead(500).end();
    }).listen(0, "127.0.0.1");
    await once(paid, "listening");
    const { port } = paid.address() as AddressInfo;
    const copy = await makeCopy();
    const secrets = `OPENAI_API_KEY=sk-real\nOPENAI_BASE_URL=http://127.0.0.1:${port}/v1\n`;
    await writeFile(join(copy, ".dev.vars"), secrets);
    const { stderr, code } = await run("demo", ["--passages", "1", "--jobs", "10"], {}, copy).ended;
    paid.close();
    expect({ stderr, code, asked }).toEqual({ stderr: "", code: 0, asked: 0 });
    expect(await readFile(join(copy, ".dev.vars"), "utf8")).toBe(secrets);
  });

  it.each([
    ["the cache", "first pass", [], 1],
    ["the jobs", "durable jobs", ["--passages", "1"], 2],
  ])(
    "ends everything on SIGINT: in the midst of %s",
    { timeout: PATIENCE_MS },
    async (_, words, options, gateways) => {
      const { child, ended } = run("demo", options);
      const { groups, others, look, alive } = watchChildren(child);
      child.stdout.on("data", (chunk: Buffer) => {
        look();
        if (chunk.includes(words)) child.kill("SIGINT");
      });
      expect(await ended).toMatchObject({ code: 130, stderr: "Interrupted.\n" });
      expect([groups.size, others.size]).toEqual([gateways, 1]);
      expect(alive()).toEqual([]);
      expect(await leftovers()).toEqual([]);
    },
  );

  it("refuses an option it does not know in one line", async () => {
    const stderr = "The demo takes --passages <number> and --jobs <number>, and nothing else.\n";
    expect(await run("demo", ["--fast"]).ended).toEqual({ code: 1, stdout: "", stderr });
  });
});

describe("npm start", () => {
  it("serves until SIGINT, with keys made while it runs", { timeout: PATIENCE_MS }, async () => {
    await makeOpenState(join(folder, "state"));
    const { child, ended, groups, key, state, url } = await startGateway(await findFreePort());
    expect((await listModels(url, key)).status).toBe(200);
    await expectNothingOfWrangler(url);

    const place = { HEADRACE_STATE: state };
    const created = await run("key", ["--tenant", "acme", "--name", "web app"], place).ended;
    expect(created.code).toBe(0);
    expect((await listModels(url, created.stdout.trim())).status).toBe(200);
    expect((await run("key", ["--revoke", created.stdout.trim()], place).ended).code).toBe(0);
    expect(await run("key", ["--revoke", created.stdout.trim()], place).ended).toMatchObject({
      code: 1,
      stderr: "The local storage holds no such key.\n",
    });
    expect((await readdir(join(state, "v3"))).length).toBeGreaterThan(2);
    expect(await findOpen(state)).toEqual([]);

    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    expect(membersOf(groups)).toEqual([]);
    await expect(listModels(url, key)).rejects.toThrow("fetch failed");
  });

  it(
    "is found by the command for keys, has its state for itself, and tells what to do",
    { timeout: PATIENCE_MS },
    async () => {
      const copy = await makeCopy();
      const { child, ended, key, state, url, told } = await startGateway(await findFreePort(), copy);
      expect(told()).toContain(`  export HEADRACE_URL=${url}\n  export HEADRACE_API_KEY=${key}\n`);

      const created = await run("key", ["--tenant", "acme", "--name", "web app"], {}, copy).ended;
      expect(created.stderr).toContain(`in the local storage of the gateway at ${url}.\n`);
      expect((await listModels(url, created.stdout.trim())).status).toBe(200);

      const port = String(await findFreePort());
      const second = await run("start", [], { PORT: port, HEADRACE_STATE: state }, copy).ended;
      expect([second.code, second.stderr]).toEqual([
        1,
        `The state folder ${state} is in use by the gateway at ${url} (process ${child.pid}): stop that one, or choose another folder with HEADRACE_STATE.\n`,
      ]);

      await appendFile(join(copy, ".dev.vars"), "OPENAI_API_KEY=sk-new\n");
      await expect.poll(told, { timeout: 10_000 }).toContain("  .dev.vars has changed: end the gateway");

      child.kill("SIGKILL");
      await ended;
      const late = await run("key", ["--tenant", "acme", "--name", "late"], {}, copy).ended;
      expect(late.stderr).toContain(`in ${join(copy, ".wrangler/state")}, which no gateway uses now.\n`);
      const again = await startGateway(await findFreePort(), copy);
      again.child.kill("SIGINT");
      expect(await again.ended).toMatchObject({ code: 0 });
    },
  );

  it("leaves nothing running when it is killed", { timeout: PATIENCE_MS }, async () => {
    const { child, ended, groups } = await startGateway(await findFreePort());
    child.kill("SIGKILL");
    await ended;
    await expect.poll(() => membersOf(groups), { timeout: 10_000 }).toEqual([]);
  });

  it("says in one line that the port is in use", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await run("start", [], { PORT: String(port) }).ended;
    server.close();
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe(
      `Port ${port} is in use: stop what runs there, or choose another with PORT=<number>.\n`,
    );
  });
});

describe("a copy with a broken config", () => {
  const copyWith = async (edit: (config: string) => string): Promise<string> => {
    const copy = await makeCopy();
    const path = join(copy, "headrace.config.ts");
    await writeFile(path, edit(await readFile(path, "utf8")));
    return copy;
  };
  const start = async (copy: string) =>
    run("start", [], { PORT: String(await findFreePort()), HEADRACE_STATE: join(folder, "state") }, copy)
      .ended;

  it("says in one line which setting is wrong", { timeout: PATIENCE_MS }, async () => {
    const copy = await copyWith((config) => config.replace('task: "chat"', 'task: "chatter"'));
    const { code, stderr } = await start(copy);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The gateway is not configured: .*routes\.chat\.task.*start again\.\n$/);
    expect((await stat(join(copy, ".dev.vars"))).mode & 0o777).toBe(0o600);
  });

  it("says in one line where it does not compile", { timeout: PATIENCE_MS }, async () => {
    const { code, stderr } = await start(await copyWith((config) => `${config}\nconst = 1;\n`));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^The gateway does not start: .*\(headrace\.config\.ts:\d+:\d+\).*start again\.\n$/,
    );
  });
});
