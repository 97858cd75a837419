import { describe, expect, it } from "vitest";
import {
  checkEnvironment,
  type Environment,
  readMasters,
  readSetting,
} from "../../../worker/platform/environment.ts";

const environment = (settings: object) => settings as Environment;
const KV = { get: () => {} };
const JOBS = { get: () => {} };
const JOB_DIRECTORIES = { get: () => {} };
const REQUEST_WINDOWS = { get: () => {} };
const JOB_WINDOWS = { get: () => {} };
const JOB_QUEUE = { send: () => {} };
const JOB_WEBHOOK_QUEUE = { send: () => {} };
const bound = { KV, JOBS, JOB_DIRECTORIES, REQUEST_WINDOWS, JOB_WINDOWS, JOB_QUEUE, JOB_WEBHOOK_QUEUE };
const KEY = "hr_live_abcdefghijklmnopqrstuvwx";

describe("checkEnvironment", () => {
  it.each([
    ["with a key", { ...bound, HEADRACE_API_KEY: KEY }],
    ["without one", bound],
    ["with one set to nothing", { ...bound, HEADRACE_API_KEY: "" }],
  ])("takes an environment %s", (_, env) => {
    expect(checkEnvironment(environment(env))).toEqual({ ok: true, value: env });
  });

  it("says what to bind where KV is missing", () => {
    const lacking = { ok: false, error: expect.stringContaining("bind a KV namespace as KV") };
    expect(checkEnvironment(environment({ HEADRACE_API_KEY: KEY }))).toEqual(lacking);
    expect(checkEnvironment(environment({ KV: "a text" }))).toEqual(lacking);
  });

  it("says what to bind where jobs lack their objects or their queue", () => {
    const lacking = (what: string) => ({ ok: false, error: expect.stringContaining(what) });
    expect(checkEnvironment(environment({ KV, JOB_QUEUE }))).toEqual(lacking("as JOBS"));
    expect(checkEnvironment(environment({ KV, JOBS }))).toEqual(lacking("as JOB_DIRECTORIES"));
    expect(checkEnvironment(environment({ KV, JOBS, JOB_DIRECTORIES }))).toEqual(
      lacking("as REQUEST_WINDOWS"),
    );
    expect(checkEnvironment(environment({ KV, JOBS, JOB_DIRECTORIES, REQUEST_WINDOWS }))).toEqual(
      lacking("as JOB_WINDOWS"),
    );
    const objects = { KV, JOBS, JOB_DIRECTORIES, REQUEST_WINDOWS, JOB_WINDOWS };
    expect(checkEnvironment(environment(objects))).toEqual(lacking("as JOB_QUEUE"));
    expect(checkEnvironment(environment({ ...objects, JOB_QUEUE }))).toEqual(lacking("as JOB_WEBHOOK_QUEUE"));
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
