import { parseArgs } from "node:util";
import { API_KEY, apiKeyRecord, type ApiKeyRecord } from "../../worker/contract/api-key.ts";
import { CommandFailure } from "./command-failure.ts";

export const USAGE =
  'npm run key -- --tenant acme --name "web app" [--remote]  or  npm run key -- --revoke <key> [--remote]';

/** Where the record is: in the storage of this machine, or in that of the deployment. */
export type Place = "local" | "remote";

export type KeyCommand =
  | { readonly kind: "create"; readonly place: Place; readonly record: ApiKeyRecord }
  | { readonly kind: "revoke"; readonly place: Place; readonly key: string };

/** Reads the arguments; throws a CommandFailure that names the one at fault. */
export function parseKeyCommand(args: readonly string[], now: Date): KeyCommand {
  const { tenant, name, revoke, remote } = parseOptions(args);
  const place = remote === true ? "remote" : "local";
  if (revoke === undefined) return { kind: "create", place, record: parseRecord(tenant, name, now) };
  if (tenant !== undefined || name !== undefined) throw misuse("--revoke takes the key alone");
  if (!API_KEY.test(revoke)) throw misuse("--revoke takes a whole key, as it was printed");
  return { kind: "revoke", place, key: revoke };
}

function parseOptions(args: readonly string[]) {
  try {
    const options = {
      tenant: { type: "string" },
      name: { type: "string" },
      revoke: { type: "string" },
      remote: { type: "boolean" },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw misuse((error as Error).message.split(". ")[0] ?? "", error);
  }
}

function parseRecord(tenant: string | undefined, name: string | undefined, now: Date): ApiKeyRecord {
  if (tenant === undefined) throw misuse("--tenant is missing");
  if (name === undefined) throw misuse("--name is missing");
  const record = apiKeyRecord.safeParse({ tenant, name, createdAt: now.toISOString() });
  if (record.success) return record.data;
  const isTenant = record.error.issues[0]?.path[0] === "tenant";
  throw misuse(
    isTenant
      ? "--tenant takes 1-64 letters, digits, '.', '_' or '-', letter or digit first"
      : "--name takes at most 200 letters",
  );
}

const misuse = (fault: string, cause?: unknown): CommandFailure =>
  new CommandFailure(`${fault}. Use: ${USAGE}`, { cause });
