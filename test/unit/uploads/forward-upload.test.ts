import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { ok } from "../../../worker/domain/result.ts";
import { readBoundary } from "../../../worker/domain/uploads/multipart-headers.ts";
import { resolveRoute } from "../../../worker/domain/routing/catalog.ts";
import { forwardUpload, type UploadCall } from "../../../worker/flows/uploads/forward-upload.ts";
import { openForm } from "../../../worker/streams/multipart-form.ts";
import {
  type Asked,
  openFeed,
  openRequest,
  openWorld,
  readBody,
  refuse,
  T,
  turns,
  type World,
} from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const part = (name: string, value: string) =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const END = "--x--\r\n";
const SOUND = "la".repeat(50_000);

/** A form that arrives in these parts; what is undefined is the client's leaving. */
function openCall(
  world: World,
  parts: readonly (string | undefined)[],
  changes: Partial<UploadCall> = {},
  boundary = "x",
): UploadCall {
  const rest = [...parts];
  const body = {
    read: async () => {
      const next = rest.shift();
      if (next !== undefined) return new TextEncoder().encode(next);
      if (parts.includes(undefined)) throw new Error("the client has left");
      return undefined;
    },
    discard: async () => {},
  };
  return {
    ...openRequest(world),
    upload: "transcriptions",
    contentType: "multipart/form-data; boundary=x",
    model: undefined,
    form: openForm({ body, boundary, maxBytes: 1_000_000 }),
    ...changes,
  };
}

/** A release in which only the model tells which of two routes is meant. */
function withTwoRoutes({ release }: World): World["release"] {
  const { catalog } = release;
  const listen = { ...valueOf(resolveRoute(catalog, "hear", "transcriptions")), name: "listen" };
  return {
    ...release,
    catalog: {
      ...catalog,
      routes: new Map([...catalog.routes, ["listen", listen]]),
      found: new Map([...catalog.found, ["listen", ok(listen)]]),
    },
  };
}

const whole = [part("model", "hear") + part("file", SOUND), END];
const transcribe = ({ text }: Asked) => {
  if (!text.includes(SOUND)) throw new Error("the recording has not come");
  return Response.json({ text: "la la" });
};

describe("an upload", () => {
  it("is one attempt and one answer, whose use nobody knows", async () => {
    const world = openWorld();
    world.provider = (asked) => {
      world.clock += 40;
      return transcribe(asked);
    };
    const call = openCall(world, whole, { metadata: { user: "42" } });
    const outcome = valueOf(await forwardUpload(world.services, call));
    expect(world.facts).toEqual([]);
    expect((await readBody(outcome.body)).text).toBe('{"text":"la la"}');
    await world.settle();
    const same = {
      request: call.requestId,
      task: "transcriptions",
      usage: null,
      costUsd: undefined,
      complete: true,
    };
    expect(world.facts).toMatchObject([
      { kind: "attempt", ...same, status: 200, error: null, startedAt: T, endedAt: T + 40 },
      { kind: "answer", ...same, source: "call", attempts: 1, metadata: { user: "42" }, release: "r1" },
    ]);
    expect(world.asked[0]?.text).toContain("\r\n\r\nbig\r\n");
  });

  it("goes by the model that is named outside of its form, whatever the form says", async () => {
    const world = openWorld();
    world.provider = transcribe;
    const parts = [part("file", SOUND), part("model", "chat"), END];
    const outcome = await forwardUpload(world.services, openCall(world, parts, { model: "hear" }));
    expect(valueOf(outcome).route).toBe("hear");
  });

  it("is read past its recording for its model where only that tells the route", async () => {
    const world = openWorld();
    world.provider = transcribe;
    const release = withTwoRoutes(world);
    const parts = [part("file", SOUND), part("model", "listen"), part("language", "en"), END];
    const outcome = valueOf(await forwardUpload(world.services, openCall(world, parts, { release })));
    expect(outcome.route).toBe("listen");
    expect(world.asked[0]?.text).toBe([...parts].join("").replace("\r\nlisten\r\n", "\r\nbig\r\n"));
    const nameless = openCall(world, [part("file", SOUND), END], { release });
    expect(errorOf(await forwardUpload(world.services, nameless)).message).toContain("?model=");
  });

  it("is read so in the bytes that OpenAI's client sends, which puts the recording first", async () => {
    const world = openWorld();
    world.provider = () => Response.json({ text: "la la" });
    const release = withTwoRoutes(world);
    let sent = "";
    const client = new OpenAI({
      apiKey: "k",
      fetch: async (url, init) => {
        const request = new Request(url, init);
        const contentType = request.headers.get("content-type") ?? "";
        const boundary = readBoundary(contentType);
        sent = await request.text();
        const parts = sent.match(/[^]{1,65536}/g) ?? [];
        const call = openCall(world, parts, { contentType, release }, boundary.ok ? boundary.value : "");
        const { body, route } = valueOf(await forwardUpload(world.services, call));
        return new Response((await readBody(body)).text, {
          headers: { "content-type": "application/json", "x-headrace-route": route },
        });
      },
    });
    const file = new File(["l".repeat(300_000)], "mill.wav");
    const asked = client.audio.transcriptions.create({ file, model: "listen", language: "en" });
    const { data, response } = await asked.withResponse();
    expect([data.text, response.headers.get("x-headrace-route")]).toEqual(["la la", "listen"]);
    expect(sent.indexOf('name="file"')).toBeLessThan(sent.indexOf('name="model"'));
    expect(world.asked[0]?.text).toBe(sent.replace("\r\nlisten\r\n", "\r\nbig\r\n"));
  });

  it("is tried once, for what has streamed away cannot be sent again", async () => {
    const world = openWorld();
    world.provider = () => refuse(503);
    const failed = errorOf(await forwardUpload(world.services, openCall(world, whole)));
    expect(failed).toMatchObject({ code: "upstream_error", attempts: 1 });
    expect(world.facts).toMatchObject([{ kind: "attempt", error: "upstream_error", status: 503 }]);
    expect(world.asked).toHaveLength(1);
  });

  it.each<[string, readonly (string | undefined)[], string]>([
    ["names another model late", [part("file", SOUND), part("model", "chat"), END], "model_not_found"],
    [
      "is cut off by its client",
      [part("model", "hear") + part("file", SOUND).slice(0, 99), undefined],
      "client_closed",
    ],
    ["is no form to its end", [part("model", "hear") + part("file", SOUND), "--"], "invalid_request"],
  ])("that %s ends its call, and learns why; the provider is not blamed", async (_, parts, code) => {
    const world = openWorld();
    world.provider = transcribe;
    const failed = await forwardUpload(world.services, openCall(world, parts));
    expect(errorOf(failed).code).toBe(code);
    await world.settle();
    expect(world.attempts()).toMatchObject([{ error: "client_closed", complete: false }]);
    expect(world.answers()).toEqual([]);
  });

  it("is told once its answer has broken off, and once where its client leaves that unread", async () => {
    for (const leave of [true, false]) {
      const world = openWorld();
      world.provider = ({ signal }) => {
        const feed = openFeed(signal, "application/json");
        feed.send('{"text":');
        if (!leave) setImmediate(() => feed.break());
        return feed.response;
      };
      const { body } = valueOf(await forwardUpload(world.services, openCall(world, whole)));
      if (body.form !== "raw") throw new Error("not bytes");
      if (leave) await body.stream.cancel();
      else expect((await readBody(body)).end).toBeUndefined();
      await world.settle();
      expect(world.attempts()).toMatchObject([{ error: leave ? null : "upstream_error", complete: false }]);
      expect(world.answers()).toMatchObject([{ complete: false }]);
      await turns();
      expect(world.facts).toHaveLength(2);
    }
  });

  it("asks nobody where its model is unknown, or no form is there to find it in", async () => {
    const world = openWorld();
    const unknown = openCall(world, [part("model", "chat"), END]);
    expect(errorOf(await forwardUpload(world.services, unknown)).code).toBe("model_not_found");
    const broken = openCall(world, ["nonsense", "--"]);
    expect(errorOf(await forwardUpload(world.services, broken)).code).toBe("invalid_request");
    expect([world.asked, world.facts]).toEqual([[], []]);
  });

  it("leaves an answer that came before its form was found to be wrong, and that is told", async () => {
    const ended = Promise.withResolvers<undefined>();
    const stream = new ReadableStream<Uint8Array>({ cancel: () => ended.resolve(undefined) });
    const world = openWorld({
      callProvider: async ({ request: { body } }) => {
        if (typeof body === "string") throw new Error("not a form");
        await new Response(body(() => {})).text().catch(() => "wrong");
        return ok({ form: "raw", contentType: "application/json", stream, ended: ended.promise });
      },
    });
    const parts = [part("file", SOUND), part("model", "chat"), END];
    expect(errorOf(await forwardUpload(world.services, openCall(world, parts))).code).toBe("model_not_found");
    await world.settle();
    expect(world.facts).toMatchObject([{ kind: "attempt", error: null, complete: false }]);
  });
});
