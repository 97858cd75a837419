import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Task } from "../../../worker/contract/requests.ts";
import type { Usage } from "../../../worker/contract/responses.ts";

/**
 * What a provider's servers have been seen to say. In `test/fixtures/<provider>/<task>`:
 *
 *     requests/<case>.json             a client's body, and the path and body that must be sent for it
 *     servers/<server>/response.json   an answer, whole
 *     servers/<server>/stream.txt      the same as an event stream, byte for byte
 *     servers/<server>/expected.json   what is in them: the usage of each, and what each event is
 *     refused.json                     JSON that is no answer to this task, by what it is
 *
 * Of a task whose answers are passed on unread there are requests only.
 */
export interface Fixtures {
  readonly requests: readonly RequestFixture[];
  readonly responses: readonly ResponseFixture[];
  readonly streams: readonly StreamFixture[];
  readonly refused: readonly (readonly [what: string, text: string])[];
}

export interface RequestFixture {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** `path` is what follows the base URL. The target's model is `target-model`. */
  readonly sent: { readonly path: string; readonly body: unknown };
}

export interface ResponseFixture {
  readonly server: string;
  readonly text: string;
  readonly usage: Usage | null;
}

export interface StreamFixture {
  readonly server: string;
  readonly text: string;
  /** Of each event: `comment`, `delta`, `usage`, `usage only`, `error: <reason>` or `done`. */
  readonly events: readonly string[];
  /** The last that was told. */
  readonly usage: Usage | undefined;
}

interface Expected {
  readonly usage?: Usage | null;
  readonly events?: readonly string[];
  readonly streamUsage?: Usage;
}

const ROOT = new URL("../../fixtures/", import.meta.url);
const at = (path: string) => new URL(path, ROOT);
const readText = (path: string) => readFileSync(at(path), "utf8");
const readJson = (path: string): unknown => JSON.parse(readText(path));

/** Reads all there is for one task of a provider; a task without fixtures fails here. */
export function readFixtures(provider: string, task: Task): Fixtures {
  const folder = `${provider}/${task}`;
  const read = existsSync(at(`${folder}/servers`));
  const servers = (read ? readdirSync(at(`${folder}/servers`)) : []).map((server) => ({
    server,
    path: `${folder}/servers/${server}`,
    expected: readJson(`${folder}/servers/${server}/expected.json`) as Expected,
  }));
  return {
    requests: readdirSync(at(`${folder}/requests`)).map((file) => ({
      name: file.replace(".json", ""),
      ...(readJson(`${folder}/requests/${file}`) as Omit<RequestFixture, "name">),
    })),
    responses: servers
      .filter(({ path }) => existsSync(at(`${path}/response.json`)))
      .map(({ server, path, expected }) => ({
        server,
        text: readText(`${path}/response.json`),
        usage: expected.usage ?? null,
      })),
    streams: servers
      .filter(({ path }) => existsSync(at(`${path}/stream.txt`)))
      .map(({ server, path, expected }) => ({
        server,
        text: readText(`${path}/stream.txt`),
        events: expected.events ?? [],
        usage: expected.streamUsage,
      })),
    refused: Object.entries(read ? (readJson(`${folder}/refused.json`) as Record<string, unknown>) : {}).map(
      ([what, value]) => [what, JSON.stringify(value)],
    ),
  };
}
