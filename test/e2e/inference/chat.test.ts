import { describe, expect, it } from "vitest";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const stream = (route: string, content: string, more = {}) => ({
  model: route,
  messages: says(content),
  stream: true,
  ...more,
});

describe("a chat", () => {
  it("goes to the route's target with the target's model and every field the gateway does not know", async () => {
    const response = await app.chat({
      model: "chat",
      messages: says("hello"),
      brand_new: { deep: [1] },
      seed: 7,
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "echo: hello" } }] });
    const [received] = await app.primary.requests();
    expect(received?.body).toEqual({
      model: "big",
      messages: says("hello"),
      brand_new: { deep: [1] },
      seed: 7,
    });
    expect(received?.headers["authorization"]).toBe("Bearer sk-primary-secret");
  });

  it("tells in its headers which route and target answered, what it cost and which config decided", async () => {
    const response = await app.chat(
      { model: "chat", messages: says("one two") },
      { "x-request-id": "mine-1" },
    );
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      "x-request-id": "mine-1",
      "x-headrace-route": "chat",
      "x-headrace-target": "targets[0]=primary/big",
      "x-headrace-attempts": "1",
      "cache-status": "headrace; fwd=bypass; fwd-status=200",
    });
    expect(headers["x-headrace-config"]).toMatch(/^[0-9a-f]{12}$/);
    expect(headers["server-timing"]).toMatch(/auth;dur=\d+.*upstream;dur=\d+.*total;dur=\d+/);
    const { usage } = (await response.json()) as {
      usage: { prompt_tokens: number; completion_tokens: number };
    };
    const cost = (usage.prompt_tokens * 10 + usage.completion_tokens * 30) / 1e6;
    expect(Number(headers["x-headrace-cost-usd"])).toBeCloseTo(cost, 8);
  });

  it("takes a provider's model by name where the config allows it", async () => {
    const response = await app.chat({ model: "primary/some-model", messages: says("x") });
    expect(await response.json()).toMatchObject({ model: "some-model" });
    expect((await app.chat({ model: "secondary/some-model", messages: says("x") })).status).toBe(404);
  });

  it("is noted with the client's own labels", async () => {
    const headers = { "x-request-id": "labelled", "x-headrace-metadata": '{"team":"blue"}' };
    await app.chat({ model: "chat", messages: says("x") }, headers);
    expect(await findFact(app.gateway, "answer", "labelled")).toMatchObject({ metadata: { team: "blue" } });
    const pairs = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, "v"]));
    for (const metadata of ["{", '["a"]', '{"a":1}', JSON.stringify(pairs)]) {
      const response = await app.chat(
        { model: "chat", messages: says("x") },
        { "x-headrace-metadata": metadata },
      );
      expect((await readError(response)).param).toBe("x-headrace-metadata");
    }
  });

  it("continues the client's trace", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await app.chat({ model: "chat", messages: says("x") }, { traceparent });
    const [received] = await app.primary.requests();
    expect(received?.headers["traceparent"]).toBe(traceparent);
  });
});

describe("a streamed chat", () => {
  it("asks the provider for usage and hides the event from a client that did not", async () => {
    const response = await app.chat(stream("chat", "hi there"));
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const text = await response.text();
    expect(text).toContain('"content":"echo:"');
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
    expect(text).not.toContain('"choices":[]');
    const [received] = await app.primary.requests();
    expect(received?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  it("shows the usage event to a client that asked", async () => {
    const response = await app.chat(stream("chat", "hi", { stream_options: { include_usage: true } }));
    expect(await response.text()).toMatch(/"choices":\[\].*"usage":\{"prompt_tokens"/);
  });

  it("records what a stream used when it has ended", async () => {
    const response = await app.chat(stream("chat", "count me"), { "x-request-id": "counted" });
    await response.text();
    expect(await findFact(app.gateway, "answer", "counted")).toMatchObject({
      target: "targets[0]=primary/big",
      usage: { prompt_tokens: 2, completion_tokens: 3 },
      costUsd: 0.00011,
      complete: true,
    });
  });

  it("is recorded by an estimate, marked as one, where the provider does not count", async () => {
    await app.primary.fault({ kind: "no-usage" });
    await (await app.chat(stream("chat", "a b c d"), { "x-request-id": "silent" })).text();
    const fact = await findFact(app.gateway, "answer", "silent");
    expect(fact).toMatchObject({ complete: true, usage: { estimated: true, completion_tokens: 6 } });
    expect(fact).toHaveProperty("costUsd", expect.closeTo(0.00028, 8));
  });

  it("forwards events as they arrive", async () => {
    await app.primary.fault({ kind: "hang", after: 2 });
    const open = openRequest(`${app.gateway.url}/v1/chat/completions`, stream("chat", "slow"), {
      authorization: `Bearer ${API_KEY}`,
    });
    expect(await open.waitForText("echo:")).not.toContain("[DONE]");
    open.leave();
    await app.primary.waitUntilAborted();
  });

  it("keeps characters whole that arrive in halves", async () => {
    await app.primary.fault({ kind: "split-utf8" });
    const text = await (await app.chat(stream("chat", "grüße 😀 ok"))).text();
    expect(text).toContain("grüße");
    expect(text).toContain("😀");
  });

  it("passes events on whose lines end in CRLF", async () => {
    await app.primary.fault({ kind: "crlf" });
    const text = await (await app.chat(stream("chat", "windows"))).text();
    expect(text).toContain("windows");
    expect(text).toContain("[DONE]");
  });

  for (const kind of ["cut", "reset", "garbage", "error-event"] as const) {
    it(`ends with an error event and without [DONE] when it breaks after its first byte: ${kind}`, async () => {
      await app.primary.fault({ kind, after: 2 });
      const response = await app.chat(stream("fallback", "broken"));
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain("echo:");
      expect(text).not.toContain("[DONE]");
      const last = text.trimEnd().split("\n\n").at(-1) ?? "";
      expect(JSON.parse(last.replace("data: ", ""))).toMatchObject({
        error: { type: "api_error", retryable: true },
      });
      expect(await app.secondary.requests()).toHaveLength(0);
    });
  }

  it("ends with an error event when the provider falls silent", async () => {
    await app.primary.fault({ kind: "hang", after: 2 });
    const text = await (await app.chat(stream("impatient", "silence"))).text();
    expect(text).toContain('"code":"upstream_timeout"');
    await app.primary.waitUntilAborted();
  });

  it("passes on an event of 10 MB, as one with a picture may be", async () => {
    await app.primary.fault({ kind: "long-line" });
    const text = await (await app.chat(stream("chat", "long"))).text();
    expect(text.length).toBeGreaterThan(10_000_000);
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
  });

  for (const fault of [
    { kind: "cut", after: 0 },
    { kind: "cut", after: 1 },
    { kind: "reset", after: 1 },
    { kind: "error-event", after: 0 },
    { kind: "error-event", after: 1 },
    { kind: "garbage", after: 0 },
    { kind: "garbage", after: 1 },
    { kind: "hang", after: 0 },
    { kind: "hang", after: 1 },
    { kind: "html" },
    { kind: "empty" },
  ] as const) {
    const when = "after" in fault && fault.after === 1 ? "after the role" : "before the first byte";
    it(`goes to the next target when it fails before its answer, ${when}: ${fault.kind}`, async () => {
      await app.primary.fault(fault);
      const response = await app.chat(stream("fallback", "again"));
      expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
      expect(response.headers.get("x-headrace-attempts")).toBe("2");
      expect(await response.text()).toContain("[DONE]");
    });
  }

  it("cancels the provider's call when the client leaves", async () => {
    await app.primary.fault({ eventDelayMs: 20 });
    const body = stream("chat", "word ".repeat(2000));
    const open = openRequest(`${app.gateway.url}/v1/chat/completions`, body, {
      authorization: `Bearer ${API_KEY}`,
    });
    await open.waitForText("echo:");
    open.leave();
    const [aborted] = await app.primary.waitUntilAborted();
    expect(aborted?.path).toBe("/v1/chat/completions");
  });

  it("is recorded though the client left before its end", async () => {
    await app.primary.fault({ eventDelayMs: 20 });
    const body = stream("chat", "word ".repeat(2000));
    const headers = { authorization: `Bearer ${API_KEY}`, "x-request-id": "left-early" };
    const open = openRequest(`${app.gateway.url}/v1/chat/completions`, body, headers);
    await open.waitForText("echo:");
    open.leave();
    expect(await findFact(app.gateway, "answer", "left-early")).toMatchObject({ complete: false });
  });
});

describe("a client that leaves before the answer", () => {
  const ask = async (id: string, body: object) => {
    await app.primary.fault({ kind: "hang" });
    const headers = { authorization: `Bearer ${API_KEY}`, "x-request-id": id };
    const open = openRequest(`${app.gateway.url}/v1/chat/completions`, body, headers);
    await app.primary.waitForRequests(1);
    return open;
  };
  const WAYS = [
    ["whole", { model: "chat", messages: says("x") }],
    ["unshared", { model: "uncached", messages: says("x") }],
    ["streamed", stream("uncached", "x")],
  ] as const;

  it.each(WAYS)(
    "ends the provider's call, and no other target is tried, its answer being %s",
    async (way, body) => {
      (await ask(`gone-${way}`, body)).leave();
      await app.primary.waitUntilAborted();
      expect(await findFact(app.gateway, "attempt", `gone-${way}`)).toMatchObject({ error: "client_closed" });
    },
  );

  it("and only closes its connection ends it at the next byte that is sent, or with the time for it", async () => {
    (await ask("closed", stream("impatient", "x"))).close();
    await app.primary.waitUntilAborted();
    expect(await findFact(app.gateway, "attempt", "closed")).toMatchObject({ error: "upstream_timeout" });
    await app.primary.reset();
    await app.primary.fault({ eventDelayMs: 20 });
    const body = stream("uncached", "word ".repeat(2000));
    const open = openRequest(`${app.gateway.url}/v1/chat/completions`, body, {
      authorization: `Bearer ${API_KEY}`,
    });
    await open.waitForText("echo:");
    open.close();
    await app.primary.waitUntilAborted();
  });
});

describe("a fallback", () => {
  for (const fault of [
    { kind: "status", status: 500 },
    { kind: "status", status: 503 },
    { kind: "status", status: 429, headers: { "retry-after": "7" } },
    { kind: "status", status: 401 },
    { kind: "status", status: 402 },
    { kind: "status", status: 403 },
    { kind: "status", status: 404 },
    { kind: "status", status: 404, body: { error: { message: "The model `big` does not exist" } } },
    { kind: "status", status: 400, body: { error: { message: "No", code: "billing_hard_limit_reached" } } },
    { kind: "status", status: 429, body: { error: { message: "No", code: "insufficient_quota" } } },
    { kind: "status", status: 400, body: { error: { message: "No", code: "context_length_exceeded" } } },
    { kind: "hang" },
    { kind: "reset" },
    { kind: "reset", after: 1 },
    { kind: "html" },
    { kind: "invalid-json" },
    { kind: "empty" },
    { kind: "endless" },
    { kind: "slow-loris", intervalMs: 100 },
    { kind: "gzip", lies: true },
    { kind: "redirect", location: "http://127.0.0.1:9/" },
  ] as const) {
    const words = "body" in fault ? `: ${JSON.stringify(fault.body.error)}` : "";
    const name =
      "status" in fault
        ? `status ${fault.status}${words}`
        : `${fault.kind}${"after" in fault ? " mid-body" : ""}`;
    it(`calls the next target after ${name}`, async () => {
      await app.primary.fault(fault);
      const response = await app.chat({ model: "fallback", messages: says("help") });
      expect(response.status).toBe(200);
      expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
      expect(await app.primary.requests()).toHaveLength(1);
    });
  }

  for (const [status, code] of [
    [400, "invalid_request"],
    [413, "payload_too_large"],
    [422, "model_input_invalid"],
  ] as const) {
    it(`never follows the client's own ${status}, whose words pass through`, async () => {
      await app.primary.fault({ kind: "status", status, body: { error: { message: "Too many images." } } });
      const response = await app.chat({ model: "fallback", messages: says("x") });
      expect(response.status).toBe(status);
      expect(await readError(response)).toMatchObject({
        code,
        message: "Too many images.",
        retryable: false,
      });
      expect(await app.secondary.requests()).toHaveLength(0);
    });
  }

  it("skips targets that are not configured", async () => {
    const response = await app.chat({ model: "half-set", messages: says("x") });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
  });

  it("says that all failed, that it has tried, and nothing of why", async () => {
    await app.primary.fault({
      kind: "status",
      status: 500,
      body: { error: { message: "at /srv/secret.py" } },
    });
    await app.secondary.fault({ kind: "reset" });
    const response = await app.chat({ model: "fallback", messages: says("x") });
    expect(response.status).toBe(502);
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(response.headers.get("x-headrace-attempts")).toBe("2");
    const error = await readError(response);
    expect(error.code).toBe("all_targets_failed");
    expect(JSON.stringify(error)).not.toContain("secret");
  });

  it("passes throttling on with the soonest Retry-After when every target throttles", async () => {
    await app.primary.fault({ kind: "status", status: 429, headers: { "retry-after": "9" } });
    await app.secondary.fault({ kind: "status", status: 429, headers: { "retry-after": "4" } });
    const response = await app.chat({ model: "fallback", messages: says("x") });
    expect(response.status).toBe(429);
    expect(response.headers.get("retry-after")).toBe("4");
    expect(response.headers.get("x-should-retry")).toBeNull();
  });

  it("tells that no repeat helps where it is the deployment's account that is refused", async () => {
    const body = { error: { message: "You have no quota", code: "insufficient_quota" } };
    for (const status of [400, 402, 403, 429]) {
      await app.primary.reset();
      await app.primary.fault({ kind: "status", status, headers: { "retry-after": "9" }, body });
      const response = await app.chat({ model: "chat", messages: says("x") });
      expect([response.status, response.headers.get("retry-after")]).toEqual([502, null]);
      expect(response.headers.get("x-should-retry")).toBe("false");
      const error = await readError(response);
      expect(error).toMatchObject({ code: "upstream_error", retryable: false });
      expect(error.message).not.toContain("quota");
    }
  });

  it("passes the provider's code and field on, and stays context_length_exceeded where every target says so", async () => {
    const body = { error: { message: "Too long.", code: "context_length_exceeded", param: "messages" } };
    for (const provider of [app.primary, app.secondary])
      await provider.fault({ kind: "status", status: 400, body });
    const tooLong = await app.chat({ model: "fallback", messages: says("x") });
    expect(tooLong.status).toBe(400);
    expect(await readError(tooLong)).toMatchObject({
      ...body.error,
      type: "invalid_request_error",
      retryable: false,
    });
    expect(await app.secondary.requests()).toHaveLength(1);
  });

  it("passes on what the provider says of the client's own fault, in every dialect", async () => {
    const body = { error: { message: "No such effort.", code: "unsupported_value", param: "effort" } };
    await app.primary.fault({ kind: "status", status: 400, body });
    const input = { model: "chat", max_tokens: 5, messages: says("x"), input: "x" };
    for (const path of ["/v1/chat/completions", "/v1/responses", "/v1/messages"]) {
      const response = await app.post(path, input);
      expect([path, response.status]).toEqual([path, 400]);
      expect(await readError(response)).toMatchObject(body.error);
    }
    expect(
      await readError(
        await app.chat({ model: "chat", messages: says("x") }, { "idempotency-key": "own-fault" }),
      ),
    ).toMatchObject(body.error);
  });

  it("says in the log and at /ready that a base URL or model is wrong, and nothing of it to the client", async () => {
    await app.primary.fault({
      kind: "status",
      status: 404,
      body: { error: { message: "404 page not found" } },
    });
    const response = await app.chat(
      { model: "uncached", messages: says("x") },
      { "x-request-id": "wrong-url" },
    );
    expect(response.status).toBe(502);
    expect(await readError(response)).toMatchObject({ code: "upstream_error", retryable: false });
    const fact = await findFact(app.gateway, "attempt", "wrong-url");
    expect(fact).toMatchObject({
      status: 404,
      reason: expect.stringContaining("is the base URL right") as string,
    });
    const ready = async () => {
      const { routes } = (await (await fetch(`${app.gateway.url}/ready`)).json()) as {
        routes: { name: string }[];
      };
      return routes.find(({ name }) => name === "uncached");
    };
    expect(await ready()).toMatchObject({
      status: "ready",
      failing: ["targets[0]=primary/big answered 404: see to its base URL and model"],
    });
    await app.primary.reset();
    await app.chat({ model: "uncached", messages: says("x") });
    expect(await ready()).not.toHaveProperty("failing");
  });

  it("tells a client that has named the model itself that the provider has none", async () => {
    const message = "The model `gpt-9` does not exist.";
    await app.primary.fault({
      kind: "status",
      status: 404,
      body: { error: { message, code: "model_not_found" } },
    });
    const response = await app.chat({ model: "primary/gpt-9", messages: says("x") });
    expect(response.status).toBe(404);
    expect(await readError(response)).toMatchObject({ code: "model_not_found", message });
  });

  it("never shows the provider's 401 as the client's own", async () => {
    await app.primary.fault({
      kind: "status",
      status: 401,
      body: { error: { message: "bad key sk-primary-secret" } },
    });
    const response = await app.chat({ model: "chat", messages: says("x") });
    expect(response.status).toBe(502);
    expect(JSON.stringify(await readError(response))).not.toContain("sk-primary-secret");
  });

  it("keeps the upstream key out of a message that passes through", async () => {
    await app.primary.fault({
      kind: "status",
      status: 400,
      body: { error: { message: "key sk-primary-secret is odd" } },
    });
    const error = await readError(await app.chat({ model: "chat", messages: says("x") }));
    expect(error.message).toBe("key [redacted] is odd");
  });
});

describe("a deadline", () => {
  it("ends the request when it passes", async () => {
    await app.primary.fault({ kind: "hang" });
    const response = await app.chat(
      { model: "chat", messages: says("x") },
      { "x-headrace-timeout-ms": "200" },
    );
    expect(response.status).toBe(504);
    expect((await readError(response)).code).toBe("deadline_exceeded");
    await app.primary.waitUntilAborted();
  });

  it("leaves no time for a second target when the first has used it up", async () => {
    await app.primary.fault({ kind: "hang" });
    const response = await app.chat(
      { model: "fallback", messages: says("x") },
      { "x-headrace-timeout-ms": "100" },
    );
    expect((await readError(response)).code).toBe("deadline_exceeded");
    expect(await app.secondary.requests()).toHaveLength(0);
  });

  it("is told apart from the provider's own timeout", async () => {
    await app.primary.fault({ kind: "hang" });
    const response = await app.chat({ model: "impatient", messages: says("x") });
    expect(response.status).toBe(504);
    expect((await readError(response)).code).toBe("upstream_timeout");
  });
});
