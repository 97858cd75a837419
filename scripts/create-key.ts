import { createHash } from "node:crypto";
import { parseKeyCommand, type KeyCommand, type Place } from "./launcher/key-command.ts";
import { CommandFailure } from "./launcher/command-failure.ts";
import { makePrivateFolder } from "./launcher/private-folder.ts";
import { createKey } from "./launcher/random-key.ts";
import { runCommand } from "./launcher/run-command.ts";
import { findRunning } from "./launcher/running-gateways.ts";
import { runWrangler } from "./launcher/run-wrangler.ts";
import { DEFAULT_STATE_FOLDER, readStateFolder } from "./launcher/settings.ts";

/**
 * `npm run key`: creates an API key, or revokes one. Only the key's SHA-256 is stored, so that it can be
 * shown once. The key goes to stdout and everything else to stderr, for scripts to catch it.
 */
async function manageKeys(): Promise<number> {
  const command = parseKeyCommand(process.argv.slice(2), new Date());
  await (command.kind === "create" ? create(command) : revoke(command));
  return 0;
}

async function create({ record, place }: Extract<KeyCommand, { kind: "create" }>): Promise<void> {
  const key = createKey("live");
  const { options, about } = await findStorage(place);
  await runWrangler(["kv", "key", "put", nameOf(key), JSON.stringify(record), ...options]);
  console.error(`A key for tenant ${record.tenant} ("${record.name}"), in the ${place} storage${about}.`);
  console.error("Keep it now: it cannot be shown again.");
  console.log(key);
}

async function revoke({ key, place }: Extract<KeyCommand, { kind: "revoke" }>): Promise<void> {
  const { options } = await findStorage(place);
  const stored = await runWrangler(["kv", "key", "get", nameOf(key), ...options]);
  if (!stored.includes("{")) throw new CommandFailure(`The ${place} storage holds no such key.`);
  await runWrangler(["kv", "key", "delete", nameOf(key), ...options]);
  console.error("The key is revoked: the gateway refuses it within a minute.");
}

/** As worker/platform/key-store.ts looks it up. */
const nameOf = (key: string): string => `key:${createHash("sha256").update(key).digest("hex")}`;

interface Storage {
  /** For wrangler. */
  readonly options: readonly string[];
  /** Whose it is, for the user. */
  readonly about: string;
}

async function findStorage(place: Place): Promise<Storage> {
  const binding = ["--binding", "KV"];
  if (place === "remote") return { options: [...binding, "--remote"], about: "" };
  const { folder, about } = await findStateFolder();
  await makePrivateFolder(folder);
  return { options: [...binding, "--local", "--persist-to", folder], about };
}

/** The folder that `HEADRACE_STATE` names, else that of the gateway that runs, else the usual one. */
async function findStateFolder(): Promise<{ readonly folder: string; readonly about: string }> {
  const named = readStateFolder(process.env);
  const running = await findRunning();
  const [only, another] = running;
  if (named === undefined && another) {
    const folders = running.map(({ stateFolder }) => stateFolder).join(", ");
    throw new CommandFailure(`Several gateways run here: say whose folder with HEADRACE_STATE: ${folders}.`);
  }
  const folder = named ?? only?.stateFolder ?? DEFAULT_STATE_FOLDER;
  const user = running.find(({ stateFolder }) => stateFolder === folder);
  return {
    folder,
    about: user ? ` of the gateway at ${user.url}` : ` in ${folder}, which no gateway uses now`,
  };
}

await runCommand(manageKeys);
