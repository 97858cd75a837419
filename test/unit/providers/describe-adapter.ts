import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { type Task, TASKS, type TaskRequests } from "../../../worker/contract/requests.ts";
import {
  chatCompletion,
  chatCompletionChunk,
  classifyResponse,
  completionsResponse,
  embeddingsResponse,
  moderationsResponse,
  rerankResponse,
} from "../../../worker/contract/responses.ts";
import type {
  Connection,
  EventReader,
  HttpTask,
  ProviderAdapter,
  StreamEvent,
} from "../../../worker/domain/routing/adapter.ts";
import { parseRequest } from "../../../worker/domain/requests/parse-request.ts";
import { cutEvents, readData, readName } from "../../../worker/domain/answers/server-sent-events.ts";
import { type JsonObject, readJsonObject } from "../../../worker/domain/requests/json-object.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";
import { type Fixtures, readFixtures } from "./read-fixtures.ts";

/**
 * What every provider that is reached by HTTP must do, task by task, over its recorded fixtures. A new
 * provider is a folder of fixtures (see `read-fixtures.ts`) and one call of this. One reached by a
 * binding has no key and no headers, and its recorded paths are whole URLs.
 */
export function describeAdapter(
  provider: string,
  adapter: ProviderAdapter,
  reached: "by HTTP" | "by binding" = "by HTTP",
): void {
  for (const task of TASKS) {
    const offered = adapter[task] as HttpTask<Task> | undefined;
    if (offered?.kind !== "http") continue;
    const fixtures = readFixtures(provider, task);
    describe(`${provider}'s ${task}`, () => {
      describeRequests(task, offered, fixtures, reached === "by HTTP" ? connection.baseUrl : "");
      if (reached === "by HTTP") describeHeaders(task, offered, fixtures);
      if (offered.raw) return;
      const [sample] = fixtures.requests;
      if (!sample) throw new Error(`no recorded request: ${provider}/${task}`);
      const input = valueOf(parseRequest(task, sample.input));
      const recorded = { ...fixtures, provider: provider.replace("openai/presets/", ""), input };
      describeResponses(task, offered, recorded);
      describeStreams(task, offered, recorded);
    });
  }
}

const KEY = "sk-test-abcdefghijklmnop";
const connection: Connection = {
  baseUrl: "https://provider.example/base/v1",
  apiKey: KEY,
  headers: { "x-team": "blue" },
};

const parseAll = (task: Task, { requests }: Fixtures) =>
  requests.map(({ name, input, sent }) => ({ name, sent, input: valueOf(parseRequest(task, input)) }));

const builderOf =
  (adapter: HttpTask<Task>) =>
  (input: TaskRequests[Task], to = connection) =>
    valueOf(adapter.buildRequest(input, "target-model", to));

function describeRequests(task: Task, adapter: HttpTask<Task>, fixtures: Fixtures, baseUrl: string): void {
  const parsed = parseAll(task, fixtures);
  const build = builderOf(adapter);

  it.each(parsed)("sends the target's model and all the client's fields: $name", ({ input, sent }) => {
    const request = build(input);
    expect(request.url).toBe(baseUrl + sent.path);
    expect(JSON.parse(request.body)).toEqual(sent.body);
  });

  it.each(parsed)("changes nothing of what it was given: $name", ({ input }) => {
    const before = structuredClone(input);
    build(deepFreeze(input), deepFreeze({ ...connection, headers: { ...connection.headers } }));
    expect(input).toEqual(before);
  });
}

function describeHeaders(task: Task, adapter: HttpTask<Task>, fixtures: Fixtures): void {
  const parsed = parseAll(task, fixtures);
  const build = builderOf(adapter);

  it.each(parsed)("shows the key in one header and nowhere else: $name", ({ input }) => {
    const { url, headers, body } = build(input);
    expect(Object.values(headers).filter((value) => value.includes(KEY))).toHaveLength(1);
    expect(url + body).not.toContain(KEY);
  });

  it.each(parsed)("sends no empty credentials where there is no key: $name", ({ input }) => {
    const withKey = build(input).headers;
    const without = build(input, { ...connection, apiKey: undefined }).headers;
    const credentials = Object.keys(withKey).filter((name) => withKey[name]?.includes(KEY));
    expect(Object.keys(without)).toEqual(Object.keys(withKey).filter((name) => !credentials.includes(name)));
    expect(JSON.stringify(without)).not.toMatch(/undefined|null|bearer/i);
  });

  it.each(parsed)("sends JSON, with the config's headers: $name", ({ input }) => {
    const { headers } = build(input);
    expect(headers).toMatchObject({ "content-type": "application/json", "x-team": "blue" });
  });
}

const deepFreeze = <T>(value: T): T => {
  if (typeof value === "object" && value !== null) for (const each of Object.values(value)) deepFreeze(each);
  return Object.freeze(value);
};

/** The contract of each task's answer, which is what clients are promised. */
const answers: { readonly [T in Task]?: { safeParse(value: unknown): unknown } } = {
  messages: z.looseObject({
    type: z.literal("message"),
    content: z.array(z.looseObject({ type: z.string() })),
  }),
  countTokens: z.looseObject({ input_tokens: z.number() }),
  chat: chatCompletion,
  completions: completionsResponse,
  embeddings: embeddingsResponse,
  rerank: rerankResponse,
  classify: classifyResponse,
  moderations: moderationsResponse,
  responses: z.looseObject({ object: z.literal("response"), output: z.array(z.unknown()) }),
};

/** The same of an event's data; chunks of a chat where nothing stands here. */
const chunks: { readonly [T in Task]?: { safeParse(value: unknown): unknown } } = {
  messages: z.looseObject({ type: z.string() }),
  completions: completionsResponse,
  responses: z.looseObject({ type: z.string() }),
};

interface Recorded extends Fixtures {
  readonly provider: string;
  /** A request of the kind that the answers are to. */
  readonly input: TaskRequests[Task];
}

function describeResponses(task: Task, adapter: HttpTask<Task>, recorded: Recorded): void {
  const { provider, responses, refused, input } = recorded;
  for (const { server, text, usage } of responses) {
    const meta = { provider, odd: `answers of ${server}` };
    it(`reads the answer of ${server} and what it used`, { meta }, () => {
      const answer = valueOf(adapter.parseResponse(text, input));
      expect(answer.usage).toEqual(usage);
      expect(answers[task]?.safeParse(JSON.parse(answer.body))).toMatchObject({ success: true });
    });
  }

  it.each<readonly [what: string, text: string]>([
    ["nothing", ""],
    ["a page of HTML", "<!DOCTYPE html><html><body>Sign in</body></html>"],
    ["words", "upstream connect error or disconnect/reset before headers"],
    ["null", "null"],
    ["a list", "[]"],
    ["an empty object", "{}"],
    ["an event stream", 'data: {"choices":[]}\n\ndata: [DONE]\n\n'],
    ["an error with status 200", '{"error":{"message":"overloaded","type":"server_error"}}'],
    ...refused,
  ])("refuses %s", (_, text) => {
    const failed = errorOf(adapter.parseResponse(text, input));
    expect(failed.kind).toBe("invalid_response");
    expect(failed.reason).not.toBe("");
    expect(failed).not.toHaveProperty("message");
  });

  it.each(responses)("refuses the answer of $server cut short", ({ text }) => {
    const whole = text.trimEnd();
    for (const length of [1, Math.floor(whole.length / 2), whole.length - 1]) {
      expect(errorOf(adapter.parseResponse(whole.slice(0, length), input)).kind).toBe("invalid_response");
    }
  });
}

/** A stream has no place for a field that is null. */
const readWithoutNulls = (json: string): unknown =>
  JSON.parse(json, (_, value: unknown) => (value === null ? undefined : value));

/** The JSON of a stream's events. */
const eventsOf = (text: string): JsonObject[] =>
  cutEvents(text)
    .events.map((event) => readJsonObject(readData(event) ?? ""))
    .filter((event) => event !== undefined);

function describeStreams(task: Task, adapter: HttpTask<Task>, recorded: Recorded): void {
  const { provider, streams, responses, input } = recorded;
  const start = () => adapter.readStream?.(input) ?? failToStream();
  if (!adapter.readStream) {
    it("has no streams to read", () => {
      expect(streams).toEqual([]);
    });
    return;
  }

  for (const { server, text, events } of streams) {
    const meta = { provider, odd: `answers of ${server}` };
    it(`tells the events of ${server}'s stream apart`, { meta }, () => {
      expect(readAll(text, start()).map(({ event }) => nameOf(event))).toEqual(events);
    });
  }

  it.each(streams)("reads what $server's stream used, told last", ({ text, usage }) => {
    const told = readAll(text, start()).flatMap(({ event }) => (event.kind === "usage" ? [event.usage] : []));
    expect(told.at(-1)).toEqual(usage);
  });

  it.each(streams)("passes on only what clients are promised, of $server's stream", ({ text }) => {
    const passedOn = readAll(text, start()).filter(({ event }) => ["delta", "usage"].includes(event.kind));
    for (const { raw, event } of passedOn) {
      const emitted = "emit" in event ? (event.emit ?? raw) : raw;
      for (const data of cutEvents(emitted).events.map(readData)) {
        const promised = chunks[task] ?? chatCompletionChunk;
        expect(promised.safeParse(JSON.parse(data ?? ""))).toMatchObject({ success: true });
      }
    }
  });

  it.each(["", "hello", "<html>", "[]", "null", '{"id":"x","choices":[{"delta":{"content":"half', "[DONE"])(
    "takes %j for an error, not for text",
    (data) => {
      expect(start()({ name: undefined, data }).kind).toBe("error");
    },
  );

  const whole = streams.filter(
    ({ events }) => events.at(-1) === "done" && !events.some((event) => event.startsWith("error")),
  );

  it.each(whole)("makes a whole answer of $server's stream, with the same use", ({ text, usage }) => {
    const { forms } = adapter;
    if (!forms) throw new Error("a task that streams has its forms");
    const joined = forms.join(eventsOf(text));
    const answer = valueOf(adapter.parseResponse(JSON.stringify(joined), input));
    expect(answers[task]?.safeParse(JSON.parse(answer.body))).toMatchObject({ success: true });
    expect(answer.usage ?? undefined).toMatchObject(usage ?? {});
  });

  it.each(responses)(
    "makes a stream of $server's answer, and the same answer of that again",
    ({ text, usage }) => {
      const { forms } = adapter;
      const split = forms?.split(JSON.parse(text) as JsonObject);
      if (!forms || split === undefined) throw new Error("a task that streams has its forms");
      const told = readAll(split, start());
      expect(told.at(-1)?.event.kind).toBe("done");
      const used = told.flatMap(({ event }) => (event.kind === "usage" ? [event.usage] : []));
      expect(used.at(-1) ?? null).toEqual(usage);
      const again = valueOf(adapter.parseResponse(JSON.stringify(forms.join(eventsOf(split))), input));
      const answer = valueOf(adapter.parseResponse(text, input));
      expect(again.usage).toEqual(answer.usage);
      expect(readWithoutNulls(again.body)).toEqual(readWithoutNulls(answer.body));
    },
  );

  it("ends a stream at its end and nowhere else", () => {
    expect(streams.some(({ events }) => events.at(-1) === "done")).toBe(true);
    expect(streams.every(({ events }) => !events.slice(0, -1).includes("done"))).toBe(true);
  });
}

const failToStream = (): never => {
  throw new Error("the task does not stream");
};

/** Reads a recorded stream event by event, as the relay does. */
function readAll(text: string, read: EventReader): { readonly raw: string; readonly event: StreamEvent }[] {
  const came = cutEvents(text).events.flatMap((raw) => {
    const data = readData(raw);
    const event: StreamEvent = data === undefined ? { kind: "comment" } : read({ name: readName(raw), data });
    return event.kind === "several" ? event.events.map((each) => ({ raw: "", event: each })) : { raw, event };
  });
  const ended = came.some(({ event }) => event.kind === "done");
  const last = ended ? [] : (read.end?.() ?? []);
  return [...came, ...last.map((event) => ({ raw: "", event }))];
}

function nameOf(event: StreamEvent): string {
  if (event.kind === "usage") return event.only ? "usage only" : "usage";
  return event.kind === "error" ? `error: ${event.told?.message ?? event.reason}` : event.kind;
}
