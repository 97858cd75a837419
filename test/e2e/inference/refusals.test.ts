import { once } from "node:events";
import { connect } from "node:net";
import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../../worker/domain/cache/cache-key.ts";
import { readResidentBytes } from "../../helpers/resident-bytes.ts";
import { sendStalled, type StalledRequest } from "../../helpers/stalled-request.ts";
import { API_KEY, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const body = { model: "chat", messages: says("x") };
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(app.gateway.url + path, { headers: { authorization: `Bearer ${API_KEY}`, ...headers } });

describe("every error", () => {
  it("has OpenAI's shape, the request's id and the config's version", async () => {
    const response = await app.chat({ model: "nobody", messages: says("x") }, { "x-request-id": "err-1" });
    expect(response.status).toBe(404);
    expect(response.headers.get("x-headrace-config")).toMatch(/^[0-9a-f]{12}$/);
    expect(await response.json()).toEqual({
      error: {
        message: "There is no model 'nobody'; GET /v1/models lists them.",
        type: "invalid_request_error",
        code: "model_not_found",
        param: "model",
        request_id: "err-1",
        retryable: false,
      },
    });
  });

  it("gets an id of the gateway's own where the client's is unusable", async () => {
    for (const id of ["has space", "ä", "x".repeat(129)]) {
      const response = await fetch(`${app.gateway.url}/healthz`, {
        headers: { "x-request-id": encodeURI(id) === id ? id : Buffer.from(id).toString("latin1") },
      });
      expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f]{32}-[0-9a-z]+$/);
    }
  });
});

describe("a body is refused", () => {
  const cases: readonly [what: string, body: unknown, status: number, code: string][] = [
    ["that is no JSON", "{", 400, "invalid_json"],
    ["that is empty", "", 400, "invalid_json"],
    [
      "with a name that stands twice",
      '{"model":"chat","model":"chat","messages":[{"role":"user"}]}',
      400,
      "invalid_json",
    ],
    [
      "nested 65 deep",
      `{"model":"chat","messages":[{"role":"user"}],"x":${"[".repeat(65)}${"]".repeat(65)}}`,
      400,
      "invalid_request",
    ],
    [
      "with half a character",
      '{"model":"chat","messages":[{"role":"user","content":"\\ud83d"}]}',
      400,
      "invalid_json",
    ],
    [
      "with a number past the double range",
      '{"model":"chat","messages":[{"role":"user"}],"seed":1e999}',
      400,
      "unsafe_number",
    ],
    ["without messages", { model: "chat" }, 400, "invalid_request"],
    ["with no message in it", { model: "chat", messages: [] }, 400, "invalid_request"],
    ["without a model", { messages: says("x") }, 400, "invalid_request"],
    ["with another task's model", { model: "words", messages: says("x") }, 404, "model_not_found"],
    [
      "that a header could be injected with",
      { model: "a\r\nx-evil: 1", messages: says("x") },
      404,
      "model_not_found",
    ],
    [
      "larger than the limit",
      { model: "chat", messages: says("x".repeat(70_000)) },
      413,
      "payload_too_large",
    ],
  ];
  for (const [what, sent, status, code] of cases) {
    it(`${what}: ${status} ${code}`, async () => {
      const response = await app.chat(sent as Record<string, unknown>);
      expect(response.status).toBe(status);
      const error = await readError(response);
      expect(error.code).toBe(code);
      expect(error.retryable).toBe(false);
      expect(await app.primary.requests()).toHaveLength(0);
    });
  }

  it("larger than the limit by megabytes, and the client still gets to read why", async () => {
    for (const headers of [{}, { authorization: "Bearer nobody" }, { "content-type": "text/plain" }]) {
      const response = await app.chat({ model: "chat", messages: says("x".repeat(8_000_000)) }, headers);
      expect([401, 413, 415]).toContain(response.status);
      expect((await readError(response)).code).toMatch(
        /unauthenticated|payload_too_large|unsupported_media_type/,
      );
    }
  });

  it("larger than the limit only where it holds no picture, sound or file in base64", async () => {
    const url = `data:image/jpeg;base64,${"QUJD".repeat(50_000)}`;
    const seen = (content: unknown) => app.chat({ model: "chat", messages: [{ role: "user", content }] });
    expect((await seen([{ type: "image_url", image_url: { url } }])).status).toBe(200);
    const source = { type: "base64", media_type: "image/png", data: "QUJD".repeat(50_000) };
    const messages = [{ role: "user", content: [{ type: "image", source }] }];
    expect((await app.post("/v1/messages", { model: "chat", max_tokens: 5, messages })).status).toBe(200);
    expect((await seen(`${"x".repeat(140_000)}${url}`)).status).toBe(413);
  });

  it("larger than the limit for media, while it streams", async () => {
    const url = `data:image/jpeg;base64,${"QUJD".repeat(6_000_000)}`;
    const messages = [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }];
    const response = await app.chat({ model: "chat", messages });
    expect(response.status).toBe(413);
    expect((await readError(response)).message).toContain("20971520");
  });

  it("while it streams, not after: 413 though no end is in sight", async () => {
    const socket = connect(Number(new URL(app.gateway.url).port), "127.0.0.1");
    socket.on("error", () => {});
    const head = ["POST /v1/chat/completions HTTP/1.1", "host: x", `authorization: Bearer ${API_KEY}`];
    const framing = ["content-type: application/json", "transfer-encoding: chunked", "", ""];
    socket.write([...head, ...framing].join("\r\n"));
    for (let sent = 0; sent <= 65_536; sent += 16_384) socket.write(`4000\r\n${" ".repeat(16_384)}\r\n`);
    const [reply] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(reply.toString()).toContain("413 Payload Too Large");
  });

  it("with another content type: 415", async () => {
    const response = await app.post("/v1/embeddings", "model=embed", { "content-type": "text/plain" });
    expect(response.status).toBe(415);
    expect((await readError(response)).code).toBe("unsupported_media_type");
  });

  it("not for a number that no double has: its digits go up, and are a part of what is cached", async () => {
    const id = "1234567890123456789";
    const call = `{"type":"tool_use","id":"toolu_1","name":"find","input":{"id":${id}}}`;
    const result = '{"type":"tool_result","tool_use_id":"toolu_1","content":"found"}';
    const turns = `[{"role":"user","content":"x"},{"role":"assistant","content":[${call}]},{"role":"user","content":[${result}]}]`;
    const asked = await app.post("/v1/messages", `{"model":"chat","max_tokens":5,"messages":${turns}}`);
    expect(asked.status).toBe(200);
    expect(JSON.stringify((await app.primary.requests())[0]?.body)).toContain(id);
    const exact = {
      object: "list",
      model: "exact",
      data: [{ object: "embedding", index: 0, embedding: [1] }],
    };
    await app.primary.fault(
      { kind: "status", status: 200, body: exact },
      { match: { promptIncludes: `"seed":${id}` } },
    );
    const seeded = (model: string, seed = id) => `{"model":"${model}","input":"exactly","seed":${seed}}`;
    const job = (model: string) => `{"task":"embeddings","input":${seeded(model)}}`;
    const wait = { prefer: "wait=20" };
    for (const model of ["embed", "embed-shared"])
      expect(await (await app.post("/v1/embeddings", seeded(model))).json()).toEqual(exact);
    for (const model of ["embed-uncached", "embed-windowed"])
      expect(await (await app.post("/v1/jobs", job(model), wait)).json()).toMatchObject({ output: exact });
    const other = await app.post("/v1/embeddings", seeded("embed", id.replace(/9$/, "8")));
    expect(await other.json()).not.toMatchObject({ model: "exact" });
  });

  it.each([
    ["embeddings", { model: "embed", input: "x" }],
    ["moderations", { model: "moderate", input: "x" }],
    ["images/generations", { model: "draw", prompt: "x" }],
    ["audio/speech", { model: "voice", input: "x", voice: "alloy" }],
  ])("that asks for a stream of %s, and no provider is called", async (path, asked) => {
    const error = await readError(await app.post(`/v1/${path}`, { ...asked, stream: true }));
    expect([error.code, error.param]).toEqual(["invalid_request", "stream"]);
    expect(await app.primary.requests()).toEqual([]);
  });

  it("naming the field and what it may be", async () => {
    const error = await readError(await app.embed({ model: "embed", input: [1.5] }));
    expect(error.param).toMatch(/^input/);
    expect(error.message).toMatch(/expected/i);
  });
});

describe("a body that is encoded", () => {
  const send = (path: string, coding: string, bytes: Buffer, headers: Record<string, string> = {}) =>
    fetch(app.gateway.url + path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${API_KEY}`,
        "content-type": "application/json",
        "content-encoding": coding,
        ...headers,
      },
      body: new Uint8Array(bytes),
    });
  const text = (asked: object) => JSON.stringify(asked);

  it.each([
    ["/v1/chat/completions", body],
    ["/v1/messages", { ...body, max_tokens: 5 }],
    ["/v1/jobs", { task: "chat", input: body }],
    ["/v2/embed", { model: "embed", texts: ["x"], input_type: "search_query" }],
  ])("is read at %s, in gzip and in deflate", async (path, asked) => {
    for (const [coding, bytes] of [
      ["gzip", gzipSync(text(asked))],
      ["deflate", deflateSync(text(asked))],
      ["identity", Buffer.from(text(asked))],
    ] as const) {
      const response = await send(path, coding, bytes);
      expect([coding, response.status]).toEqual([coding, path === "/v1/jobs" ? 202 : 200]);
      await response.arrayBuffer();
    }
  });

  it("is the same request as the one that is not: to the cache, and under a key", async () => {
    const asked = text({ model: "embed", input: "once, in two codings" });
    const keyed = { "idempotency-key": crypto.randomUUID() };
    expect((await app.post("/v1/embeddings", asked)).status).toBe(200);
    const hit = await send("/v1/embeddings", "gzip", gzipSync(asked));
    expect(hit.headers.get("cache-status")).toContain("hit");
    expect((await app.post("/v1/embeddings", asked, keyed)).status).toBe(200);
    const replayed = await send("/v1/embeddings", "gzip", gzipSync(asked), keyed);
    expect(replayed.headers.get("idempotent-replayed")).toBe("true");
  });

  it("is refused for what comes out of it, as soon as that is too much", async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, " "));
    const media = gzipSync(`{"model":"chat","x":";base64,${"A".repeat(40_000_000)}"}`);
    for (const bytes of [bomb, media]) {
      const response = await send("/v1/chat/completions", "gzip", bytes);
      expect([response.status, (await readError(response)).code]).toEqual([413, "payload_too_large"]);
    }
  });

  it("takes little memory for it, however much would come out", async () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000, " "));
    const before = await readResidentBytes("workerd");
    let most = 0;
    const watch = setInterval(() => {
      void readResidentBytes("workerd").then((bytes) => (most = Math.max(most, bytes)));
    }, 10);
    const all = await Promise.all(
      Array.from({ length: 100 }, () => send("/v1/chat/completions", "gzip", bomb)),
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([413]));
    clearInterval(watch);
    expect(most - before).toBeLessThan(400_000_000);
  });

  it("is refused where it is cut short, or is not of that coding", async () => {
    const whole = gzipSync(text(body));
    const zipped = deflateSync(text(body));
    const large = Buffer.alloc(8_000_000, " ");
    for (const bytes of [whole.subarray(0, -4), zipped, Buffer.from(text(body)), large]) {
      const response = await send("/v1/chat/completions", "gzip", bytes);
      expect([response.status, (await readError(response)).code]).toEqual([400, "invalid_json"]);
    }
  });

  it("in another coding is refused with those that are read; where its type is wrong none are named", async () => {
    for (const coding of ["br", "gzip, gzip", "x-odd"]) {
      const response = await send("/v1/chat/completions", coding, Buffer.from("x"));
      expect([response.status, response.headers.get("accept-encoding")]).toEqual([415, "gzip, deflate"]);
      expect((await readError(response)).code).toBe("unsupported_media_type");
    }
    const form = { "content-type": "multipart/form-data; boundary=b" };
    const upload = await send("/v1/audio/transcriptions", "gzip", gzipSync("--b--"), form);
    expect([upload.status, upload.headers.get("accept-encoding")]).toEqual([415, "identity"]);
    const typed = await send("/v1/embeddings", "gzip", gzipSync("x"), { "content-type": "text/plain" });
    expect([typed.status, typed.headers.get("accept-encoding")]).toEqual([415, null]);
    expect(await app.primary.requests()).toEqual([]);
  });
});

describe("a body that does not come", () => {
  const authorization = `Bearer ${API_KEY}`;
  const json = { authorization, "content-type": "application/json" };
  const form = { authorization, "content-type": "multipart/form-data; boundary=b" };
  const part = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const statusOf = (answer: string) => answer.slice("HTTP/1.1 ".length, "HTTP/1.1 ".length + 3);
  const send = async (request: StalledRequest) => {
    const answer = await sendStalled(app.gateway.url, request);
    return [request.line, statusOf(answer), /"code":"(\w+)"/.exec(answer)?.[1] ?? ""];
  };
  const own = { "x-headrace-timeout-ms": "300" };

  const late: readonly (readonly [StalledRequest, status: string, code: string])[] = [
    [{ line: "POST /v1/chat/completions", headers: json }, "408", "request_timeout"],
    [{ line: "POST /v1/chat/completions", headers: json, body: '{"model":' }, "408", "request_timeout"],
    [{ line: "POST /v1/messages", headers: json, body: "{", length: 60_000 }, "408", "request_timeout"],
    [{ line: "POST /v1/jobs", headers: json, body: "{" }, "408", "request_timeout"],
    [
      { line: "POST /v1/chat/completions", headers: { ...json, "content-encoding": "gzip" }, body: "\x1f" },
      "408",
      "request_timeout",
    ],
    [{ line: "POST /v2/embed", headers: json, body: "{" }, "408", "request_timeout"],
    [{ line: "POST /v1/audio/transcriptions", headers: form, body: "--b\r\n" }, "408", "request_timeout"],
    [
      {
        line: "POST /v1/audio/transcriptions",
        headers: form,
        body: part("model", "whisper") + part("file", "RIFF"),
      },
      "408",
      "request_timeout",
    ],
    [{ line: "POST /v1/embeddings", headers: { ...json, ...own }, body: "{" }, "504", "deadline_exceeded"],
    [
      { line: "POST /v1/audio/transcriptions", headers: { ...form, ...own }, body: "--b\r\n" },
      "504",
      "deadline_exceeded",
    ],
  ];

  it("is waited for so long and no longer, and the connection is let go", async () => {
    const answers = await Promise.all(late.map(([request]) => send(request)));
    expect(answers).toEqual(late.map(([{ line }, status, code]) => [line, status, code]));
  });

  it("is not waited for where the answer needs none", async () => {
    const made = await app.post("/v1/jobs", { task: "chat", input: body }, { prefer: "wait=5" });
    const { id } = (await made.json()) as { readonly id: string };
    const lines: readonly (readonly [line: string, status: string, headers?: Record<string, string>])[] = [
      ["POST /nowhere", "404"],
      ["PUT /v1/chat/completions", "405"],
      ["GET /v1/models", "200"],
      [`POST /v1/jobs/${id}/cancel`, "200"],
      [`POST /v1/jobs/${id}/retry`, "202"],
      [`DELETE /v1/jobs/${id}`, "204"],
      ["POST /v1/chat/completions", "401", { authorization: "Bearer no" }],
      ["POST /v1/chat/completions", "415", { "content-type": "text/plain" }],
      ["POST /v1/audio/transcriptions", "415", { "content-type": "text/plain" }],
    ];
    const startedAt = performance.now();
    for (const [line, status, headers = {}] of lines) {
      expect(await send({ line, headers: { ...json, ...headers } })).toEqual([
        line,
        status,
        expect.any(String),
      ]);
    }
    // One that had waited for its body would have been answered with 408; all of them together take less.
    expect(performance.now() - startedAt).toBeLessThan(lines.length * 2000);
  });

  it("gives way where all of them hold too much, and those that arrive whole are answered", async () => {
    const picture = `{"model":"chat","x":";base64,${"A".repeat(12_000_000)}`;
    const request = { line: "POST /v1/chat/completions", headers: json, body: picture, length: 13_000_000 };
    const stalled = Promise.all(Array.from({ length: 8 }, () => send(request)));
    expect((await app.chat(body)).status).toBe(200);
    const codes = (await stalled).map(([, , code]) => code);
    // 32 MB may stand still, which is two of them.
    expect(codes.filter((code) => code === "overloaded").length).toBeGreaterThanOrEqual(3);
    expect(codes.every((code) => code === "overloaded" || code === "request_timeout")).toBe(true);
  });

  it("keeps nobody else waiting, however many there are of them", async () => {
    const request = { line: "POST /v1/chat/completions", headers: json, body: '{"model":', length: 60_000 };
    const stalled = Promise.all(Array.from({ length: 200 }, () => send(request)));
    expect((await app.chat(body)).status).toBe(200);
    expect(new Set((await stalled).map(([, status]) => status))).toEqual(new Set(["408"]));
  });
});

describe("a key", () => {
  const tryKey = (authorization: string) => app.chat(body, { authorization });

  for (const [what, header] of [
    ["missing", ""],
    ["of another scheme", `Basic ${API_KEY}`],
    ["malformed", "Bearer sk-something"],
    ["unknown", "Bearer hr_live_unknownunknownunknownunknown"],
    ["almost right", `Bearer ${API_KEY.slice(0, -1)}X`],
    ["of a hundred kilobytes", `Bearer hr_live_${"a".repeat(10_000)}`],
  ] as const) {
    it(`is refused: ${what}`, async () => {
      const response = await tryKey(header);
      expect(response.status).toBe(401);
      const error = await readError(response);
      expect(error).toMatchObject({ code: "unauthenticated", type: "authentication_error" });
      if (header !== "") expect(JSON.stringify(error)).not.toContain(header.slice(-12));
    });
  }

  it("is taken from any of the heads that clients put it in", async () => {
    const { headers: _, ...init } = { headers: {}, method: "POST", body: JSON.stringify(body) };
    const ask = (headers: Record<string, string>) =>
      fetch(`${app.gateway.url}/v1/chat/completions`, {
        ...init,
        headers: { "content-type": "application/json", ...headers },
      });
    for (const header of ["x-api-key", "api-key"]) {
      expect((await ask({ [header]: API_KEY })).status).toBe(200);
      expect((await ask({ authorization: "Bearer sk-other-service", [header]: API_KEY })).status).toBe(200);
      const wrong = await readError(await ask({ [header]: "hr_live_unknownunknownunknownunknown" }));
      expect(wrong.message).toBe(`The header ${header} holds a key that this gateway does not know.`);
    }
    const { message } = await readError(await ask({ authorization: "Bearer sk-other-service" }));
    expect(message).toContain("The header Authorization holds no key of this gateway");
  });

  it("works once its digest is in KV", async () => {
    const key = "hr_live_storedstoredstoredstoredstored";
    const record = { tenant: "acme", name: "test", createdAt: "2026-01-01T00:00:00Z" };
    await app.kv.put(`key:${await sha256Hex(key)}`, JSON.stringify(record));
    expect((await tryKey(`Bearer ${key}`)).status).toBe(200);
  });

  it("is refused where its record is damaged", async () => {
    const key = "hr_live_damageddamageddamageddamaged";
    await app.kv.put(`key:${await sha256Hex(key)}`, JSON.stringify({ tenant: "../other" }));
    expect((await tryKey(`Bearer ${key}`)).status).toBe(401);
  });

  it("never reaches the logs, nor does an upstream's", async () => {
    await tryKey("Bearer hr_live_loggedloggedloggedloggedlogged");
    await app.primary.fault({ kind: "status", status: 401, body: { error: { message: "no" } } });
    await app.chat(body);
    await vi.waitFor(() => expect(app.gateway.logs().length).toBeGreaterThan(0), 5000);
    const logs = JSON.stringify(app.gateway.logs());
    expect(logs).not.toContain("loggedlogged");
    expect(logs).not.toContain(API_KEY);
    expect(logs).not.toContain("sk-primary-secret");
  });
});

describe("a route without a configured provider", () => {
  it("names the variable to set: 503", async () => {
    const response = await app.chat({ model: "unset", messages: says("x") });
    expect(response.status).toBe(503);
    expect(await readError(response)).toMatchObject({
      code: "not_configured",
      message: "Set the variable LACKING_URL to use this model.",
      retryable: false,
    });
  });

  it("is listed as such by /ready, and is no reason not to be ready", async () => {
    const response = await get("/ready");
    expect(response.status).toBe(200);
    const { routes } = (await response.json()) as { routes: { name: string }[] };
    expect(routes.find(({ name }) => name === "unset")).toEqual({
      name: "unset",
      task: "chat",
      status: "not_configured",
      missing: ["variable LACKING_URL"],
    });
  });

  it("costs nothing to probe: no provider is called", async () => {
    await get("/ready");
    await get("/healthz");
    expect(await app.primary.requests()).toEqual([]);
    expect(await app.secondary.requests()).toEqual([]);
  });

  it("is not among the models", async () => {
    const list = (await (await get("/v1/models")).json()) as { data: { id: string }[] };
    const ids = list.data.map(({ id }) => id);
    expect(ids).toContain("chat");
    expect(ids).not.toContain("unset");
    expect((await get("/v1/models/chat")).status).toBe(200);
    expect((await get("/v1/models/unset")).status).toBe(404);
    expect(ids).toContain("embedded/words-en");
    for (const id of ["embedded/words-en", "primary/any"]) {
      const found = await get(`/v1/models/${encodeURIComponent(id)}`);
      const model = (await found.json()) as { id: string; created: number };
      expect([found.status, model.id, model.created > 0]).toEqual([200, id, true]);
    }
    expect((await get("/v1/models/%zz")).status).toBe(404);
  });
});

describe("a page of another origin", () => {
  const preflight = (origin: string, asked: Record<string, string> = {}) =>
    fetch(`${app.gateway.url}/v1/chat/completions`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
        ...asked,
      },
    });

  it("may call where the config lists it", async () => {
    const response = await preflight("https://app.example");
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization");
    expect(response.headers.get("access-control-allow-methods")).toBe("POST, GET, DELETE");
    expect(response.headers.get("access-control-allow-private-network")).toBeNull();
  });

  it("may call this machine and its network where the config lists it, if the browser asks for that", async () => {
    const wanted = { "access-control-request-private-network": "true" };
    const response = await preflight("https://app.example", wanted);
    expect(response.headers.get("access-control-allow-private-network")).toBe("true");
    const refused = await preflight("https://evil.example", wanted);
    expect(refused.headers.get("access-control-allow-private-network")).toBeNull();
  });

  it("may not where it does not: 403 and no permission", async () => {
    const response = await preflight("https://evil.example");
    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect((await readError(response)).code).toBe("origin_denied");
    const url = `${app.gateway.url}/v1/messages/count_tokens`;
    expect(await (await fetch(url, { method: "OPTIONS" })).json()).toMatchObject({
      type: "error",
      error: { type: "permission_error", code: "origin_denied" },
    });
  });

  it("reads errors and the gateway's headers too", async () => {
    const response = await app.chat(
      { model: "nobody", messages: says("x") },
      { origin: "http://localhost:5173" },
    );
    expect(response.headers.get("access-control-allow-origin")).toBe("http://localhost:5173");
    expect(response.headers.get("access-control-expose-headers")).toContain("x-request-id");
    expect(response.headers.get("access-control-expose-headers")).toContain("x-headrace-window");
    expect(response.headers.get("vary")).toContain("Origin");
  });
});

describe("the request's own timeout", () => {
  for (const value of ["0", "-5", "soon", "900001", "1e3"]) {
    it(`is refused where it is no whole number of milliseconds: ${value}`, async () => {
      const response = await app.chat(body, { "x-headrace-timeout-ms": value });
      expect(response.status).toBe(400);
      expect((await readError(response)).param).toBe("x-headrace-timeout-ms");
    });
  }
});
