import { describe, expect, it } from "vitest";
import type { Task } from "../../../worker/contract/requests.ts";
import {
  type CacheDirectives,
  decideCachePolicy,
  NO_DIRECTIVES,
  parseCacheControl,
} from "../../../worker/domain/cache/cache-directives.ts";

describe("parseCacheControl", () => {
  it.each<[string, Partial<CacheDirectives>]>([
    ["no-store", { noStore: true }],
    ["no-cache", { noCache: true }],
    ["only-if-cached", { onlyIfCached: true }],
    ["max-age=60", { maxAge: 60 }],
    ["max-age=0", { maxAge: 0 }],
    ["min-fresh=10", { minFresh: 10 }],
    ["max-stale=30", { maxStale: 30 }],
    ["max-stale", { maxStale: Infinity }],
    ["NO-STORE, Max-Age=5", { noStore: true, maxAge: 5 }],
    ["no-cache,max-age=0", { noCache: true, maxAge: 0 }],
    ["only-if-cached, max-stale=5, min-fresh=1", { onlyIfCached: true, maxStale: 5, minFresh: 1 }],
    ["  no-store  ", { noStore: true }],
    ['no-transform, private="x", max-age=1', { maxAge: 1 }],
    ["no-store,", { noStore: true }],
    ["no-store, max-age=, =x", { noStore: true }],
  ])("reads %s", (header, expected) => {
    expect(parseCacheControl(header)).toEqual({ ...NO_DIRECTIVES, ...expected });
  });

  it.each([
    null,
    "",
    "public",
    "max-age",
    "max-age=",
    "max-age=-1",
    "max-age=soon",
    'max-age="60"',
    "max-stale=soon",
    "min-fresh=?1",
    "=;=",
    "\u0000",
    "max-age=1e999",
  ])("ignores %j", (header) => {
    expect(parseCacheControl(header)).toEqual(NO_DIRECTIVES);
  });
});

const cache = { ttlSeconds: 60, staleSeconds: 60, kv: "auto" as const };
const decide = (task: Task, body: object, header: string | null, config: typeof cache | false = cache) =>
  decideCachePolicy(task, { ...body }, config, parseCacheControl(header));

const BOTH = { store: true, lookup: true };
const STORE = { store: true, lookup: false };
const NEITHER = { store: false, lookup: false };

describe("decideCachePolicy", () => {
  it.each<[Task, object, string | null, object]>([
    ["embeddings", {}, null, BOTH],
    ["rerank", {}, null, BOTH],
    ["classify", {}, null, BOTH],
    ["chat", { temperature: 0 }, null, BOTH],
    ["chat", {}, null, NEITHER],
    ["chat", { temperature: null }, null, NEITHER],
    ["chat", { temperature: 0.1 }, null, NEITHER],
    ["chat", { temperature: "0" }, null, NEITHER],
    ["chat", { seed: 7 }, null, NEITHER],
    ["chat", {}, "max-age=60", BOTH],
    ["chat", {}, "max-age=0", BOTH],
    ["chat", {}, "min-fresh=1", BOTH],
    ["chat", {}, "max-stale", BOTH],
    ["chat", {}, "only-if-cached", BOTH],
    ["chat", {}, "no-cache", NEITHER],
    ["chat", {}, "no-cache, max-age=60", STORE],
    ["chat", { temperature: 0 }, "no-cache", STORE],
    ["chat", { temperature: 0 }, "no-store", NEITHER],
    ["embeddings", {}, "no-cache", STORE],
    ["embeddings", {}, "no-store", NEITHER],
    // What it says is only that an answer is to come.
    ["responses", { temperature: 0, background: true }, null, NEITHER],
    ["responses", { temperature: 0, background: false }, null, BOTH],
    ["embeddings", {}, "no-store, max-age=60, only-if-cached", NEITHER],
  ])("for %s %j under %s is %j", (task, body, header, policy) => {
    expect(decide(task, body, header)).toEqual(policy);
  });

  it.each<[Task, string | null]>([
    ["embeddings", null],
    ["chat", "max-age=60"],
    ["chat", "only-if-cached"],
  ])("never uses a cache that the route turns off (%s, %s)", (task, header) => {
    expect(decide(task, { temperature: 0 }, header, false)).toEqual(NEITHER);
  });
});
