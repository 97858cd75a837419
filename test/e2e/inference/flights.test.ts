import { describe, expect, it } from "vitest";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
let serial = 0;
const fresh = () => `flight ${process.hrtime.bigint()} ${serial++}`;
const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make);
const open = (body: unknown) =>
  openRequest(`${app.gateway.url}/v1/chat/completions`, body, { authorization: `Bearer ${API_KEY}` });

/** Lets requests reach the gateway: one that shares a call leaves no trace at the provider. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await fetch(`${app.gateway.url}/healthz`);
};

describe("identical requests at once", () => {
  it("make one call, and each gets the whole answer", async () => {
    await app.primary.fault({ gate: true });
    const body = { model: "embed", input: fresh() };
    const sent = times(50, () => app.embed(body));
    await app.primary.waitForRequests(1);
    await settle();
    await app.primary.release();
    const responses = await Promise.all(sent);
    const texts = new Set(await Promise.all(responses.map((response) => response.text())));
    expect(texts.size).toBe(1);
    expect(await app.primary.requests()).toHaveLength(1);
    const collapsed = responses.filter((response) =>
      response.headers.get("cache-status")?.includes("collapsed"),
    );
    expect(collapsed).toHaveLength(49);
    expect(collapsed.every((response) => response.headers.get("x-headrace-cost-usd") === "0")).toBe(true);
  });

  it("share a stream: whoever joins gets all of it from the start", async () => {
    const body = {
      model: "chat",
      messages: says(`${fresh()} one two three four`),
      temperature: 0,
      stream: true,
    };
    await app.primary.fault({ eventDelayMs: 30 });
    const first = open(body);
    await first.waitForText("echo:");
    const late = times(5, () => app.chat(body));
    const texts = await Promise.all((await Promise.all(late)).map((response) => response.text()));
    const whole = await first.waitForText("[DONE]");
    expect(new Set([...texts, whole]).size).toBe(1);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("are not shared where each should differ: a chat above temperature 0", async () => {
    const body = { model: "chat", messages: says(fresh()), temperature: 1 };
    await Promise.all(times(4, () => app.chat(body)));
    expect(await app.primary.requests()).toHaveLength(4);
  });

  it("each see a failure once, and the next call tries again", async () => {
    const body = { model: "embed", input: fresh() };
    await app.primary.fault({ kind: "status", status: 500, gate: true }, { times: 1 });
    const sent = times(10, () => app.embed(body));
    await app.primary.waitForRequests(1);
    await settle();
    await app.primary.release();
    const failed = (await Promise.all(sent)).filter((response) => response.status === 502);
    expect(failed.length).toBeGreaterThan(0);
    for (const response of failed) expect((await readError(response)).code).toBe("upstream_error");
    expect((await app.embed(body)).status).toBe(200);
    expect(app.gateway.logs().filter(({ message }) => /unhandled|bug/i.test(message))).toHaveLength(0);
  });
});

describe("identical requests that set deadlines of their own", () => {
  it("each wait by their own, and the call as long as the longest", async () => {
    const body = { model: "embed", input: fresh() };
    await app.primary.fault({ gate: true });
    const leader = app.embed(body, { "x-headrace-timeout-ms": "900" });
    await app.primary.waitForRequests(1);
    const hasty = app.embed(body, { "x-headrace-timeout-ms": "300" });
    const patient = app.embed(body);
    for (const late of [await hasty, await leader]) {
      expect(late.status).toBe(504);
      expect((await readError(late)).code).toBe("deadline_exceeded");
    }
    await app.primary.release();
    expect((await patient).status).toBe(200);
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it.each(["/v1/chat/completions", "/v1/messages"])(
    "have their streams at %s ended by an error event at it, and the others go on",
    async (path) => {
      await app.primary.fault({ eventDelayMs: 150 });
      const content = `${fresh()} ${"word ".repeat(20)}`;
      const body = { model: "chat", messages: says(content), temperature: 0, max_tokens: 500, stream: true };
      const [hasty, patient] = await Promise.all([
        app.post(path, body, { "x-headrace-timeout-ms": "1200" }),
        app.post(path, body),
      ]);
      const [cut, whole] = await Promise.all([hasty.text(), patient.text()]);
      expect(cut).toContain("deadline");
      expect(cut).not.toContain("[DONE]");
      expect(whole).not.toContain("error");
      expect(whole).toMatch(/\[DONE\]|message_stop/);
      expect(await app.primary.requests()).toHaveLength(1);
    },
  );
});

describe("a leading request whose client leaves", () => {
  it("does not take its followers' answer with it", async () => {
    const body = { model: "chat", messages: says(fresh()), temperature: 0 };
    await app.primary.fault({ gate: true });
    const leader = open(body);
    await app.primary.waitForRequests(1);
    const followers = times(5, () => app.chat(body));
    await settle();
    leader.leave();
    await settle();
    await app.primary.release();
    const responses = await Promise.all(followers);
    expect(responses.map((response) => response.status)).toEqual(times(5, () => 200));
    expect((await app.primary.requests()).length).toBeLessThanOrEqual(2);
  });

  it("does not cut its followers' stream", async () => {
    const content = `${fresh()} ${"word ".repeat(30)}`;
    const body = { model: "chat", messages: says(content), temperature: 0, stream: true };
    await app.primary.fault({ eventDelayMs: 20 });
    const leader = open(body);
    await leader.waitForText("echo:");
    const follower = open(body);
    await follower.waitForText("echo:");
    leader.leave();
    await follower.waitForText("[DONE]");
    expect(await app.primary.requests()).toHaveLength(1);
  });

  it("ends the call when nobody else waits for it", async () => {
    await app.primary.fault({ kind: "hang" });
    const leader = open({ model: "chat", messages: says(fresh()), temperature: 0 });
    await app.primary.waitForRequests(1);
    leader.leave();
    await app.primary.waitUntilAborted();
  });

  it("ends the call when the last of its followers has left too", async () => {
    const body = { model: "chat", messages: says(fresh()), temperature: 0 };
    await app.primary.fault({ kind: "hang" });
    const leader = open(body);
    await app.primary.waitForRequests(1);
    const follower = open(body);
    await settle();
    leader.leave();
    await settle();
    expect((await app.primary.stats()).aborted).toBe(0);
    follower.leave();
    await app.primary.waitUntilAborted();
  });
});
