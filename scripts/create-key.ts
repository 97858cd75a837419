import { createHash } from "node:crypto";
import { parseKeyCommand, type KeyCommand, type Place } from "./launcher/key-command.ts";
import { CommandFailure } from "./launcher/command-failure.ts";
import { createKey } from "./launcher/random-key.ts";
import { runCommand } from "./launcher/run-command.ts";
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
  await runWrangler(["kv", "key", "put", nameOf(key), JSON.stringify(record), ...storage(place)]);
  console.error(`A key for tenant ${record.tenant} ("${record.name}"), in the ${place} storage.`);
  console.error("Keep it now: it cannot be shown again.");
  console.log(key);
}

async function revoke({ key, place }: Extract<KeyCommand, { kind: "revoke" }>): Promise<void> {
  const stored = await runWrangler(["kv", "key", "get", nameOf(key), ...storage(place)]);
  if (!stored.includes("{")) throw new CommandFailure(`The ${place} storage holds no such key.`);
  await runWrangler(["kv", "key", "delete", nameOf(key), ...storage(place)]);
  console.error("The key is revoked: the gateway refuses it within a minute.");
}

/** As worker/platform/key-store.ts looks it up. */
const nameOf = (key: string): string => `key:${createHash("sha256").update(key).digest("hex")}`;

function storage(place: Place): readonly string[] {
  const binding = ["--binding", "KV"];
  if (place === "remote") return [...binding, "--remote"];
  return [...binding, "--local", "--persist-to", readStateFolder(process.env) ?? DEFAULT_STATE_FOLDER];
}

await runCommand(manageKeys);
