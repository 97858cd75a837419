import { describe, expect, it } from "vitest";
import { BINDINGS } from "../../../worker/platform/bindings.ts";
import {
  checkEnvironment,
  type Environment,
  readMasters,
  readSetting,
} from "../../../worker/platform/environment.ts";

const environment = (settings: object) => settings as Environment;
const KV = { get: () => {} };
const bound: Readonly<Record<string, object>> = Object.fromEntries(
  Object.entries(BINDINGS).map(([name, { kind }]) => [name, kind === "queue" ? { send: () => {} } : KV]),
);
const KEY = "hr_live_abcdefghijklmnopqrstuvwx";

describe("checkEnvironment", () => {
  it.each([
    ["with a key", { ...bound, HEADRACE_API_KEY: KEY }],
    ["without one", bound],
    ["with one set to nothing", { ...bound, HEADRACE_API_KEY: "" }],
  ])("takes an environment %s", (_, env) => {
    expect(checkEnvironment(environment(env))).toEqual({ ok: true, value: env });
  });

  it.each([
    ["KV", "a KV namespace"],
    ["JOBS", "the class JobObject"],
    ["JOB_DIRECTORIES", "the class JobDirectoryObject"],
    ["REQUEST_WINDOWS", "the class RequestWindowObject"],
    ["JOB_WINDOWS", "the class JobWindowObject"],
    ["PROVIDER_HEALTH", "the class ProviderHealthObject"],
    ["JOB_QUEUE", "the queue headrace-jobs"],
    ["JOB_WEBHOOK_QUEUE", "the queue headrace-webhooks"],
  ])("says what to bind where %s is missing, or something else", (name, what) => {
    const lacking = { ok: false, error: `wrangler.toml: bind ${what} as ${name}` };
    for (const value of [undefined, "a text", {}]) {
      expect(checkEnvironment(environment({ ...bound, [name]: value }))).toEqual(lacking);
    }
  });

  it("says one thing at a time", () => {
    expect(checkEnvironment(environment({ HEADRACE_API_KEY: KEY }))).toMatchObject({
      error: "wrangler.toml: bind a KV namespace as KV",
    });
  });

  it("says what is wrong with a bootstrap key without repeating it", () => {
    const checked = checkEnvironment(environment({ ...bound, HEADRACE_API_KEY: "hunter2" }));
    expect(checked).toMatchObject({ ok: false, error: expect.stringContaining("HEADRACE_API_KEY") });
    expect(JSON.stringify(checked)).not.toContain("hunter2");
  });
});

describe("readSetting", () => {
  it("reads texts, and takes one set to nothing for not set", () => {
    const env = environment({ KV, URL: "https://x.example", EMPTY: "", NUMBER: 5 });
    const read = ["URL", "EMPTY", "NUMBER", "KV", "NONE"].map((name) => readSetting(env, name));
    expect(read).toEqual(["https://x.example", undefined, undefined, undefined, undefined]);
  });
});

describe("readMasters", () => {
  const references = [{ secret: "NEW" }, { secret: "OLD" }];
  const [fresh, old] = ["n".repeat(32), "o".repeat(32)];

  it("gives those that are set, in the config's order", () => {
    const read = (settings: object) => readMasters(environment(settings), references);
    expect(read({ OLD: old, NEW: fresh })).toEqual({ ok: true, value: [fresh, old] });
    expect(read({ OLD: old, NEW: "" })).toEqual({ ok: true, value: [old] });
    expect(read({})).toEqual({ ok: true, value: [] });
  });

  it("refuses one that could be guessed, by its name alone", () => {
    const refused = readMasters(environment({ NEW: fresh, OLD: "hunter2" }), references);
    expect(refused).toMatchObject({ ok: false, error: expect.stringContaining("OLD: ") });
    expect(JSON.stringify(refused)).not.toContain("hunter2");
  });
});
