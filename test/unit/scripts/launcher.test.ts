import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { findFreePort, requireFreePort } from "../../../scripts/launcher/free-port.ts";
import { parseKeyCommand } from "../../../scripts/launcher/key-command.ts";
import { renderLogLine } from "../../../scripts/launcher/log-line.ts";
import { createKey } from "../../../scripts/launcher/random-key.ts";
import { readReadiness } from "../../../scripts/launcher/readiness.ts";
import { parsePort, readStateFolder, ROOT } from "../../../scripts/launcher/settings.ts";
import { stripVTControlCharacters } from "node:util";

describe("PORT", () => {
  it.each([
    ["1", 1],
    ["8787", 8787],
    ["65535", 65_535],
    ["", undefined],
    [undefined, undefined],
  ])("%j is %j", (text, port) => expect(parsePort(text)).toBe(port));

  it.each(["0", "65536", "80a", "-1", "1e3", " 80", "8.5", "123456"])("%j is refused in one line", (text) => {
    expect(() => parsePort(text)).toThrow(`PORT must be a whole number from 1 to 65535, and is '${text}'.`);
  });

  it("is refused when somebody listens there", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(requireFreePort(port)).rejects.toThrow(`Port ${port} is in use`);
    server.close();
  });

  it("is given back once it is found free", async () => {
    const port = await findFreePort();
    expect(await requireFreePort(port)).toBe(port);
  });
});

describe("HEADRACE_STATE", () => {
  it("is a folder from the repository's root on", () => {
    expect(readStateFolder({ HEADRACE_STATE: "state" })).toBe(`${ROOT}state`);
    expect(readStateFolder({ HEADRACE_STATE: "/var/state" })).toBe("/var/state");
  });

  it("may be unset", () => {
    expect(readStateFolder({})).toBeUndefined();
    expect(readStateFolder({ HEADRACE_STATE: "" })).toBeUndefined();
  });
});

describe("keys", () => {
  it("are never the same", () => {
    expect(createKey("live")).toMatch(/^hr_live_[0-9A-Za-z]{40}$/);
    expect(createKey("test")).not.toBe(createKey("test"));
  });
});

describe("the key command", () => {
  const now = new Date("2026-01-02T03:04:05Z");
  const parse = (...args: string[]) => parseKeyCommand(args, now);
  const key = `hr_live_${"a".repeat(40)}`;

  it("creates a key for a tenant, on this machine unless told", () => {
    const record = { tenant: "acme", name: "web app", createdAt: "2026-01-02T03:04:05.000Z" };
    expect(parse("--tenant", "acme", "--name", "web app")).toEqual({
      kind: "create",
      place: "local",
      record,
    });
    expect(parse("--tenant", "acme", "--name", "web app", "--remote")).toMatchObject({ place: "remote" });
  });

  it("revokes a key", () => {
    expect(parse("--revoke", key)).toEqual({ kind: "revoke", place: "local", key });
  });

  it.each([
    [[], "--tenant is missing"],
    [["--tenant", "acme"], "--name is missing"],
    [["--tenant", "a/b", "--name", "x"], "--tenant takes"],
    [["--tenant", "a", "--name", "x".repeat(201)], "--name takes at most 200 letters"],
    [["--revoke", "hr_live_short"], "--revoke takes a whole key"],
    [["--revoke", key, "--name", "x"], "--revoke takes the key alone"],
    [["--unknown"], "Unknown option '--unknown'"],
    [["acme"], "Unexpected argument 'acme'"],
  ])("refuses %j", (args, fault) => expect(() => parse(...args)).toThrow(fault));
});

describe("readReadiness", () => {
  it("takes a 200 with routes as ready", () => {
    const routes = [{ name: "embed", status: "ready" }];
    expect(readReadiness(200, { status: "ready", routes })).toEqual({ kind: "ready", routes });
  });

  it("waits while storage does not answer", () => {
    expect(readReadiness(503, { status: "not_ready", routes: [] })).toEqual({ kind: "starting" });
    expect(readReadiness(200, "hello")).toEqual({ kind: "starting" });
    expect(readReadiness(502, null)).toEqual({ kind: "starting" });
  });

  it("gives up on a config that cannot work", () => {
    const error = { code: "not_configured", message: "routes.chat: no" };
    expect(readReadiness(503, { error })).toEqual({ kind: "broken", message: "routes.chat: no" });
  });
});

describe("renderLogLine", () => {
  const render = (line: string) => stripVTControlCharacters(renderLogLine(line, "07:01:22"));

  it("puts requests into columns", () => {
    expect(render("[wrangler:info] GET /ready 200 OK (11ms)")).toBe(
      "07:01:22  GET /ready                     200  11ms",
    );
  });

  it("writes the Worker's entries as fields", () => {
    expect(render('{"event":"webhook","job":"job_1","usage":{"prompt_tokens":4}}')).toBe(
      '07:01:22  webhook  job=job_1 usage={"prompt_tokens":4}',
    );
  });

  it("quotes what has blanks, so that every field has one form", () => {
    expect(render('{"event":"attempt","reason":"status 400: no","target":"targets[0]=a/b"}')).toBe(
      '07:01:22  attempt  reason="status 400: no" target=targets[0]=a/b',
    );
  });

  it("writes each fact of a line as a line", () => {
    const facts = [
      { kind: "answer", request: "a", costUsd: 0 },
      { kind: "attempt", request: "b", error: "upstream_error", status: null },
    ];
    expect(render(JSON.stringify({ event: "facts", facts }))).toBe(
      "07:01:22  answer  request=a costUsd=0\n07:01:22  attempt  request=b error=upstream_error",
    );
  });

  it("puts the time before anything else, too, and leaves that as it is", () => {
    expect(render('    3 │ const = "x"')).toBe('07:01:22      3 │ const = "x"');
    expect(render("[wrangler:info] Reloading")).toBe("07:01:22  Reloading");
    expect(render("null")).toBe("07:01:22  null");
  });
});
