import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request as startRequest } from "node:http";
import { json } from "node:stream/consumers";
import OpenAI, { BadRequestError, NotFoundError } from "openai";
import { describe, expect, it } from "vitest";
import { speak } from "../../helpers/fake-provider/audio.ts";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, type ErrorReply, readError, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = () => new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });
const authorization = `Bearer ${API_KEY}`;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("speech", () => {
  const say = (body: object, headers?: Record<string, string>) =>
    app.post("/v1/audio/speech", { model: "voice", voice: "alloy", ...body }, headers);

  it(
    "comes as bytes, with the type the provider gave it",
    { meta: { client: "openai", shows: "speech" } },
    async () => {
      const answer = await openai().audio.speech.create({
        model: "voice",
        voice: "alloy",
        input: "to the sea",
      });
      expect(answer.headers.get("content-type")).toBe("audio/mpeg");
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("x-headrace-target")).toBe("targets[0]=primary/big");
      const sound = Buffer.from(await answer.arrayBuffer());
      expect(sound.equals(Buffer.concat([speak("to"), speak("the"), speak("sea")]))).toBe(true);
      const [received] = await app.primary.requests();
      expect(received).toMatchObject({
        path: "/v1/audio/speech",
        body: { model: "big", voice: "alloy", input: "to the sea" },
        headers: { authorization: "Bearer sk-primary-secret" },
      });
    },
  );

  it("reaches the client while the provider still speaks, and ends when the client leaves", async () => {
    await app.primary.fault({ kind: "hang", after: 1 });
    const body = { model: "voice", input: "one two" };
    const client = openRequest(`${app.gateway.url}/v1/audio/speech`, body, { authorization });
    await client.waitForText("\ufffd".repeat(1000));
    expect(await app.primary.stats()).toMatchObject({ inFlight: 1 });
    client.leave();
    await app.primary.waitUntilAborted();
  });

  it("is never kept", async () => {
    for (let time = 0; time < 2; time++) {
      const response = await say({ input: "again", temperature: 0 }, { "cache-control": "max-age=60" });
      expect(response.headers.get("cache-status")).toBe("headrace; fwd=bypass; fwd-status=200");
      await response.arrayBuffer();
    }
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it.each([
    ["fails", { kind: "status", status: 503 }],
    ["answers with a page", { kind: "html" }],
    ["hangs up before the first byte", { kind: "reset", after: 0 }],
    ["falls silent before the first byte", { kind: "hang", after: 0 }],
    ["answers nothing", { kind: "empty" }],
  ] as const)("comes from the next target where the first one %s", async (_, fault) => {
    await app.primary.fault(fault);
    const response = await say({ model: "voice-impatient", input: "x" });
    expect(response.headers.get("x-headrace-target")).toBe("targets[1]=secondary/small");
    expect(response.headers.get("x-headrace-attempts")).toBe("2");
    expect(Buffer.from(await response.arrayBuffer()).equals(speak("x"))).toBe(true);
  });

  it("that the provider refuses is refused in its words, and not sent to another target", async () => {
    await app.primary.fault({ kind: "status", status: 400, body: { error: { message: "no such voice" } } });
    const answer = openai().audio.speech.create({ model: "voice", voice: "nobody", input: "x" });
    await expect(answer).rejects.toBeInstanceOf(BadRequestError);
    await expect(answer).rejects.toThrow("no such voice");
    expect(await app.secondary.requests()).toHaveLength(0);
  });

  it.each([
    ["falls silent", { kind: "hang", after: 1 }],
    ["breaks off", { kind: "reset", after: 1 }],
  ] as const)("that %s after its first byte does not look whole", async (_, fault) => {
    await app.primary.fault(fault);
    const response = await say({ model: "voice-impatient", input: "one two" });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await app.secondary.requests()).toHaveLength(0);
  });

  it("that goes on past the request's deadline is cut off", async () => {
    await app.primary.fault({ kind: "slow-loris", intervalMs: 20 });
    // Long enough for the first byte on any machine: without one the answer is a 504, and whole.
    const response = await say({ input: "x" }, { "x-headrace-timeout-ms": "1500" });
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    await app.primary.waitUntilAborted();
  });
});

/** A WAV file: a header that says so, and noise that is the same in every run. */
function makeWav(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let state = 1;
  for (let at = 44; at < sizeBytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[at] = state >>> 24;
  }
  const view = new DataView(bytes.buffer);
  bytes.set(Buffer.from("RIFF"), 0);
  view.setUint32(4, sizeBytes - 8, true);
  bytes.set(Buffer.from("WAVEfmt "), 8);
  for (const [at, value] of [16, 0x1_0001, 16_000, 32_000, 0x10_0002].entries()) {
    view.setUint32(16 + at * 4, value, true);
  }
  bytes.set(Buffer.from("data"), 36);
  view.setUint32(40, sizeBytes - 44, true);
  return bytes;
}
const wav = makeWav(5_000_000);
const recording = () => new File([wav], "mill.wav", { type: "audio/wav" });
const received = async () => (await app.primary.requests())[0];

describe("a transcription", () => {
  it(
    "by the openai package, with the recording before the model",
    { meta: { client: "openai", shows: "transcriptions" } },
    async () => {
      const answer = await openai().audio.transcriptions.create({
        file: recording(),
        model: "whisper",
        language: "en",
        timestamp_granularities: ["word"],
      });
      expect(answer.text).toBe("heard 5000000 bytes of mill.wav");
      expect(await received()).toMatchObject({
        path: "/v1/audio/transcriptions",
        headers: { authorization: "Bearer sk-primary-secret" },
        body: {
          model: "ears",
          language: "en",
          "timestamp_granularities[]": "word",
          file: { name: "mill.wav", type: "audio/wav", size: wav.length, sha256: sha256(wav) },
        },
      });
    },
  );

  it("says which target answered; one that is not configured is passed over", async () => {
    const { response } = await openai()
      .audio.transcriptions.create({ model: "whisper", file: recording() })
      .withResponse();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "x-headrace-route": "whisper",
      "x-headrace-target": "targets[1]=primary/ears",
      "x-headrace-attempts": "1",
      "cache-status": "headrace; fwd=bypass; fwd-status=200",
    });
  });

  it("takes the route from the query or a header, whatever the form says or leaves out", async () => {
    const ways: readonly [query: string, headers: Record<string, string>, model?: string][] = [
      ["?model=whisper", {}],
      ["?model=whisper", {}, "whisper-1"],
      ["", { "x-headrace-model": "whisper" }, "whisper-1"],
      ["?model=primary/ears", {}],
    ];
    for (const [query, headers, model] of ways) {
      await app.primary.reset();
      const response = await upload(formOf({ file: recording(), ...(model ? { model } : {}) }), {
        headers,
        query,
      });
      expect(response.status).toBe(200);
      expect(await received()).toMatchObject({ body: { model: "ears", file: { sha256: sha256(wav) } } });
    }
  });

  it("comes in the form that was asked for", async () => {
    const text = await openai().audio.transcriptions.create({
      file: recording(),
      model: "whisper",
      response_format: "srt",
    });
    expect(text).toContain("00:00:00,000 --> 00:00:01,000\nheard 5000000 bytes");
    const response = await upload(formOf({ model: "whisper", response_format: "srt", file: recording() }));
    expect(response.headers.get("content-type")).toBe("application/x-subrip");
  });

  it("comes word by word where it is asked to", async () => {
    const stream = await openai().audio.transcriptions.create({
      file: recording(),
      model: "whisper",
      stream: true,
    });
    const types = (await Array.fromAsync(stream)).map(({ type }) => type);
    expect(types.at(0)).toBe("transcript.text.delta");
    expect(types.at(-1)).toBe("transcript.text.done");
  });

  it("may be a translation", async () => {
    await openai().audio.translations.create({ file: recording(), model: "whisper" });
    expect(await received()).toMatchObject({ path: "/v1/audio/translations", body: { model: "ears" } });
  });

  it("that the provider refuses is refused in its words; one that fails is not sent again", async () => {
    const ask = () => openai().audio.transcriptions.create({ file: recording(), model: "whisper" });
    await app.primary.fault(
      { kind: "status", status: 400, body: { error: { message: "too quiet" } } },
      { times: 1 },
    );
    await expect(ask()).rejects.toThrow("too quiet");
    await app.primary.fault({ kind: "status", status: 500 });
    await expect(ask()).rejects.toMatchObject({ status: 502, code: "upstream_error" });
    expect(await app.primary.requests()).toHaveLength(2);
  });
});

type Fields = Readonly<Record<string, string | File>>;

function formOf(fields: Fields): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}

function upload(body: FormData | string, options: { query?: string; headers?: Record<string, string> } = {}) {
  return fetch(`${app.gateway.url}/v1/audio/transcriptions${options.query ?? ""}`, {
    method: "POST",
    headers: { authorization, ...options.headers },
    body,
  });
}

const HEAD = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
const modelPart = (model: string) =>
  `\r\n--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n${model}\r\n--b--\r\n`;

/** A form that the test writes bit by bit. */
function openUpload(): { request: ClientRequest; response: Promise<IncomingMessage> } {
  const headers = { authorization, "content-type": "multipart/form-data; boundary=b" };
  const request = startRequest(`${app.gateway.url}/v1/audio/transcriptions`, {
    method: "POST",
    agent: false,
    headers,
  });
  request.on("error", () => {});
  const response = once(request, "response").then(([incoming]) => incoming as IncomingMessage);
  response.catch(() => {});
  return { request, response };
}

const readReply = async (response: Promise<IncomingMessage>) => {
  const incoming = await response;
  return { status: incoming.statusCode, ...((await json(incoming)) as ErrorReply) };
};
const hasReceived = (sizeBytes: number) =>
  app.primary.waitForRequests(1, { filter: (one) => (one.receivedBytes ?? 0) >= sizeBytes });

describe("an upload", () => {
  it("reaches the provider while the client is still sending", async () => {
    const { request, response } = openUpload();
    request.write(HEAD);
    request.write(Buffer.alloc(300_000, "x"));
    const [arriving] = await hasReceived(300_000);
    expect(arriving).toMatchObject({ outcome: "open", body: null });
    request.end(modelPart("whisper"));
    expect((await response).statusCode).toBe(200);
    expect(await received()).toMatchObject({ body: { model: "ears", file: { size: 300_000 } } });
  });

  it("is aborted when its client leaves", async () => {
    const { request } = openUpload();
    request.write(HEAD);
    request.write(Buffer.alloc(300_000, "x"));
    await hasReceived(300_000);
    request.socket?.resetAndDestroy();
    await app.primary.waitUntilAborted();
  });

  it("is aborted when another model's name comes at its end", async () => {
    const { request, response } = openUpload();
    request.write(HEAD);
    request.write(Buffer.alloc(300_000, "x"));
    await hasReceived(300_000);
    request.end(modelPart("nobody"));
    expect(await readReply(response)).toMatchObject({ status: 404, error: { code: "model_not_found" } });
    const [called] = await app.primary.waitUntilAborted();
    expect(called?.body).toBeNull();
  });

  it("whose model exists but could not be known in time is told to send it first", async () => {
    const { request, response } = openUpload();
    request.write(HEAD);
    request.write(Buffer.alloc(300_000, "x"));
    request.end(modelPart("primary/ears"));
    const reply = await readReply(response);
    expect(reply).toMatchObject({ status: 400, error: { code: "invalid_request", param: "model" } });
    expect(reply.error.message).toContain("before 'file'");
    await app.primary.waitUntilAborted();
  });

  it("cannot name a second model behind the first", async () => {
    const second = 'Content-Disposition: form-data; name="model"\r\n\r\nnobody\r\n';
    const { request, response } = openUpload();
    request.end(modelPart("whisper").slice(2).replace("--b--", `--b\r\n${second}\r\n--b--`));
    const { status, error } = await readReply(response);
    expect([status, error.message]).toEqual([400, "The form has the field 'model' twice."]);
  });

  it.each([
    ["two boundaries", "multipart/form-data; boundary=b; boundary=c"],
    ["an extended boundary", "multipart/form-data; boundary=b; boundary*=utf-8''c"],
  ])("with %s is refused before any call", async (_, type) => {
    const refused = await upload(modelPart("whisper").slice(2), { headers: { "content-type": type } });
    expect([refused.status, (await readError(refused)).code]).toEqual([400, "invalid_request"]);
    expect(await app.primary.requests()).toHaveLength(0);
  });

  it("goes on under a content type of the gateway's own", async () => {
    const type = 'Multipart/Form-Data; x="; boundary=c"; charset=utf-16; boundary="b"';
    const sent = await upload(`${HEAD}x${modelPart("whisper")}`, { headers: { "content-type": type } });
    expect(sent.status).toBe(200);
    const [seen] = await app.primary.requests();
    expect(seen?.headers["content-type"]).toBe("multipart/form-data; boundary=b");
  });

  it("for a model that does not exist calls no provider", async () => {
    const ask = openai().audio.transcriptions.create({ model: "nobody", file: recording() });
    await expect(ask).rejects.toBeInstanceOf(NotFoundError);
    await expect(
      openai().audio.transcriptions.create({ model: "chat", file: recording() }),
    ).rejects.toBeInstanceOf(NotFoundError);
    expect(await app.primary.requests()).toHaveLength(0);
  });

  it("larger than the limit is refused by what it announces, before it is read", async () => {
    const response = await upload(
      formOf({ model: "whisper", file: new File([makeWav(8_000_001)], "a.wav") }),
    );
    expect(response.status).toBe(413);
    expect((await readError(response)).code).toBe("payload_too_large");
    expect(await app.primary.requests()).toHaveLength(0);
  });

  it("larger than the limit is refused while it streams, and aborted", async () => {
    const { request, response } = openUpload();
    request.write(HEAD);
    for (let sent = 0; sent <= 8_000_000; sent += 1_000_000) request.write(Buffer.alloc(1_000_000, "x"));
    expect(await readReply(response)).toMatchObject({ status: 413, error: { code: "payload_too_large" } });
    request.destroy();
    await app.primary.waitUntilAborted();
  });

  it("that breaks the form's rules is refused, and aborted", async () => {
    const { request, response } = openUpload();
    request.write(HEAD);
    request.write(Buffer.alloc(300_000, "x"));
    await hasReceived(300_000);
    request.end("\r\n--b oh\r\n");
    expect(await readReply(response)).toMatchObject({ status: 400, error: { code: "invalid_request" } });
    await app.primary.waitUntilAborted();
  });

  it("with an Idempotency-Key is refused, for what is not kept cannot be called once only", async () => {
    const form = new FormData();
    form.append("model", "whisper");
    const headers = { authorization, "idempotency-key": "once" };
    const response = await fetch(`${app.gateway.url}/v1/audio/transcriptions`, {
      method: "POST",
      headers,
      body: form,
    });
    expect(await readError(response)).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("Idempotency-Key") as unknown,
    });
    expect(await app.primary.requests()).toEqual([]);
  });

  it("needs a key, the form's type and POST", async () => {
    const path = `${app.gateway.url}/v1/audio/transcriptions`;
    const keyless = await fetch(path, { method: "POST", body: formOf({ model: "whisper" }) });
    expect(keyless.status).toBe(401);
    const typeless = await upload("{}", { headers: { "content-type": "application/json" } });
    expect(typeless.status).toBe(415);
    expect((await readError(typeless)).message).toContain("multipart/form-data");
    const got = await fetch(path, { headers: { authorization } });
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  });
});
