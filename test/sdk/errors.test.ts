import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Headrace, HeadraceError, isHeadraceError } from "../../sdk/index.ts";
import { findNobody } from "./closed-port.ts";
import { embeddings, embedParams, json, useLocalServer } from "./local-server.ts";
import { rejectionOf } from "./rejection.ts";

const server = useLocalServer();
const client = (): Headrace =>
  new Headrace({ baseURL: server().url, apiKey: "hr_live_secret", maxRetries: 0 });

describe("an error of the server", () => {
  it("carries all that the gateway said", async () => {
    const error = {
      message: "There is no such model.",
      type: "invalid_request_error",
      code: "model_not_found",
      param: "model",
      request_id: "req_1",
      retryable: false,
    };
    server().answer(json(404, { error }));
    expect(await rejectionOf(client().embed(embedParams))).toMatchObject({
      name: "HeadraceError",
      message: "There is no such model.",
      code: "model_not_found",
      status: 404,
      requestId: "req_1",
      retryable: false,
      param: "model",
    });
  });

  it.each<[string, string, { code: string; message: string }]>([
    [
      "a null code",
      '{"error":{"message":"No.","type":"server_error","code":null}}',
      { code: "server_error", message: "No." },
    ],
    [
      "a number as its code",
      '{"object":"error","message":"No.","code":40303}',
      { code: "40303", message: "No." },
    ],
    ["a text", '{"error":"model not loaded"}', { code: "http_418", message: "model not loaded" }],
    ["a detail", '{"detail":"Not Found"}', { code: "http_418", message: "Not Found" }],
    [
      "a list of details",
      '{"detail":[{"msg":"x"}]}',
      { code: "http_418", message: "The server answered 418." },
    ],
    ["HTML", "<html>", { code: "http_418", message: "The server answered 418." }],
    ["nothing", "", { code: "http_418", message: "The server answered 418." }],
    ["null", "null", { code: "http_418", message: "The server answered 418." }],
  ])("is understood from another server: %s", async (_, body, expected) => {
    server().answer((response) => response.writeHead(418).end(body));
    expect(await rejectionOf(client().embed(embedParams))).toMatchObject({ ...expected, status: 418 });
  });

  it.each<[number, object, boolean]>([
    [400, {}, false],
    [401, {}, false],
    [404, {}, false],
    [408, {}, true],
    [409, {}, false],
    [422, {}, false],
    [429, {}, true],
    [500, {}, true],
    [504, {}, true],
    [503, { error: { code: "not_configured", retryable: false } }, false],
    [409, { error: { code: "idempotency_in_progress", retryable: true } }, true],
  ])("of status %i with %j is retryable: %s", async (status, body, retryable) => {
    server().answer(json(status, body));
    expect((await rejectionOf(client().embed(embedParams))).retryable).toBe(retryable);
  });

  it("keeps its status where its body breaks off", async () => {
    server().answer((response) => {
      response.writeHead(400, { "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    expect(await rejectionOf(client().embed(embedParams))).toMatchObject({ status: 400, code: "http_400" });
  });

  it("is read so far, and its endless body cancelled", async () => {
    const closed = Promise.withResolvers<void>();
    server().answer((response) => {
      const write = (): boolean => response.write("x".repeat(65_536));
      response.on("drain", write).on("close", closed.resolve);
      response.writeHead(400);
      write();
    });
    expect(await rejectionOf(client().embed(embedParams))).toMatchObject({ status: 400 });
    await closed.promise;
  });
});

describe("an error of the connection", () => {
  it("is connection_error where nobody listens, with its cause", async () => {
    const nobody = new Headrace({ baseURL: await findNobody(), apiKey: "k", maxRetries: 0 });
    const error = await rejectionOf(nobody.embed(embedParams));
    expect(error).toMatchObject({ code: "connection_error", status: undefined, retryable: true });
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it("is connection_error where the answer breaks off", async () => {
    server().answer((response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"data":', () => response.destroy());
    });
    expect(await rejectionOf(client().embed(embedParams))).toMatchObject({ code: "connection_error" });
  });

  it("is connection_error where a given fetch throws", async () => {
    const cause = new Error("offline");
    const fetch = (): never => {
      throw cause;
    };
    const offline = new Headrace({ baseURL: "https://ai.example", apiKey: "k", fetch, maxRetries: 0 });
    expect(await rejectionOf(offline.embed(embedParams))).toMatchObject({ code: "connection_error", cause });
  });
});

describe("an error of the token function", () => {
  it("is token_failed with its cause, and nothing is sent", async () => {
    const cause = new Error("signed out");
    const token = (): Promise<string> => Promise.reject(cause);
    const error = await rejectionOf(new Headrace({ baseURL: server().url, token }).embed(embedParams));
    expect(error).toMatchObject({ code: "token_failed", cause, retryable: false });
    expect(server().seen).toEqual([]);
  });

  it.each([undefined, "", "two words", 7])("is token_failed where it gives %j", async (value) => {
    const token = () => value as string;
    const error = await rejectionOf(new Headrace({ baseURL: server().url, token }).embed(embedParams));
    expect(error.code).toBe("token_failed");
    expect(server().seen).toEqual([]);
  });
});

describe("the key", () => {
  it("is in no error, even where the server echoes it", async () => {
    const echo = { message: "Bad key hr_live_secret", code: "x_hr_live_secret", param: "hr_live_secret" };
    server().answer(json(401, { error: echo }));
    const error = await rejectionOf(client().embed(embedParams));
    const shown = [
      JSON.stringify(error),
      String(error),
      error.stack,
      inspect(error, { depth: 9, showHidden: true }),
    ];
    expect(shown.join()).not.toContain("hr_live_secret");
    expect(error.message).toBe("Bad key [redacted]");
  });

  it("is in no error of the connection", async () => {
    server().answer((response) => response.destroy());
    const error = await rejectionOf(client().embed(embedParams));
    expect(error.code).toBe("connection_error");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hr_live_secret");
  });
});

describe("isHeadraceError", () => {
  it("knows its own", async () => {
    server().answer(json(400, {}), json(200, embeddings));
    const error: unknown = await client()
      .embed(embedParams)
      .catch((reason: unknown) => reason);
    expect(isHeadraceError(error)).toBe(true);
    expect(error).toBeInstanceOf(HeadraceError);
  });

  it.each([undefined, null, "HeadraceError", new Error("x"), { name: "HeadraceError" }, () => {}])(
    "refuses %o",
    (value) => expect(isHeadraceError(value)).toBe(false),
  );
});
