import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ODDITIES, type Oddities } from "../../../worker/contract/config/oddities.ts";
import { PRESETS } from "../../../worker/contract/config/presets.ts";
import type { HttpTask, ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { passOnHeaders } from "../../../worker/domain/routing/client-headers.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createAzureOpenai } from "../../../worker/providers/azure-openai/adapter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { workersAi } from "../../../worker/providers/workers-ai/adapter.ts";
import { valueOf } from "../unwrap-result.ts";
import { ODDITY_WORDS, showProviders } from "./oddity-words.ts";

type Name = keyof typeof ODDITIES;
type Row = keyof Oddities;
type Body = Readonly<Record<string, unknown>>;

const connection = { baseUrl: "https://p.example/v1", apiKey: undefined, headers: {} };
const kinds: Partial<Record<Name, ProviderAdapter>> = {
  other: createOpenai(ODDITIES.other),
  anthropic: createAnthropic(() => 0),
  google: createGoogle(() => 0),
  "azure-openai": createAzureOpenai(undefined),
  "workers-ai": workersAi,
};

/** A provider of the table, as a test asks it. */
class Odd {
  readonly name: Name;
  readonly adapter: ProviderAdapter;

  constructor(name: Name) {
    this.name = name;
    this.adapter = kinds[name] ?? createOpenai(PRESETS[name as keyof typeof PRESETS]);
  }

  get odd(): Oddities {
    return ODDITIES[this.name];
  }

  /** What is sent for a request of a task. */
  send(task: keyof ProviderAdapter, body: Body, model = "m"): Body {
    const found = this.adapter[task] as HttpTask<"chat">;
    const request = valueOf(found.buildRequest({ model: "route", ...body } as never, model, connection));
    return JSON.parse(request.body) as Body;
  }

  chat(messages: readonly Body[], more: Body = {}, model?: string): Body {
    return this.send("chat", { messages, ...more }, model);
  }

  /** The turns that are sent for a conversation, in the provider's own form. */
  turns(...messages: readonly Body[]): readonly Body[] {
    const body = this.chat(messages);
    return (body["messages"] ?? body["contents"]) as readonly Body[];
  }
}

const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown, more: Body = {}) => ({ role: "assistant", content, ...more });
const system = (content: unknown) => ({ role: "system", content });
const call = (id: string, more: Body = {}) => ({
  id,
  type: "function",
  function: { name: "look", arguments: "{}" },
  ...more,
});
const result = (id: string, content: unknown) => ({ role: "tool", tool_call_id: id, content });
const text = (said: string, more: Body = {}) => ({ type: "text", text: said, ...more });
const image = { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } };
const file = (type: string, data: string, filename?: string) => ({
  type: "file",
  file: { file_data: `data:${type};base64,${data}`, ...(filename ? { filename } : {}) },
});
const tool = (parameters: Body) => ({ type: "function", function: { name: "look", parameters } });
const LONG_ID = "call_PTLP8xhu3uwZk4l3nlnrrJha_0123456789:0";
const said = (turn: Body | undefined): string => JSON.stringify(turn ?? null);
const roles = (turns: readonly Body[]) => turns.map(({ role }) => (role === "model" ? "assistant" : role));

/** What each entry asks for, shown by what is sent. */
const rows: { readonly [R in Row]-?: (to: Odd, wanted: NonNullable<Oddities[R]>) => void } = {
  fields(to, fields) {
    for (const [task, names] of Object.entries(fields)) {
      const plain = task === "chat" ? { messages: [user("Hi")] } : { input: "a" };
      for (const [name, wanted] of Object.entries(names)) {
        const sent = to.send(task as "chat", { ...plain, [name]: 7 });
        expect(sent).not.toHaveProperty(name);
        if (wanted !== null) expect(sent).toMatchObject({ [wanted]: 7 });
        const own = to.send(task as "chat", { ...plain, [name]: 7, [wanted ?? name]: 8 });
        if (wanted !== null) expect(own).toMatchObject({ [wanted]: 8 });
      }
    }
  },
  implied(to, implied) {
    for (const [task, values] of Object.entries(implied)) {
      expect(to.send(task as "embeddings", { input: "a", ...values })).toEqual({ model: "m", input: "a" });
    }
  },
  streamOptions(to) {
    const sent = to.chat([user("Hi")], { stream: true, stream_options: { include_usage: true } });
    expect(sent).toMatchObject({ stream: true });
    expect(sent).not.toHaveProperty("stream_options");
  },
  endsWithoutDone(to) {
    const read = (to.adapter.chat as HttpTask<"chat">).readStream?.({ model: "m", messages: [] });
    const data = '{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}';
    read?.({ name: undefined, data });
    expect(read?.end?.().at(-1)).toMatchObject({ kind: "done" });
  },
  rerank(to, { documents = "documents", topN = "top_n" }) {
    const sent = to.send("rerank", { query: "q", documents: ["a", { text: "b" }], top_n: 1 });
    expect(sent).toMatchObject({ query: "q", [documents]: ["a", "b"] });
    if (topN !== null) expect(sent[topN]).toBe(1);
    else expect(sent).not.toHaveProperty("top_n");
  },
  maxInputs(to, most) {
    for (const [task, max] of Object.entries(most)) {
      expect((to.adapter[task as "embeddings"] as HttpTask<"embeddings">).maxInputs).toBe(max);
    }
  },
  developer(to) {
    const asked = [{ role: "developer", content: "Be brief" }, user("Hi")];
    expect(to.chat(asked)).toEqual(to.chat([system("Be brief"), user("Hi")]));
    expect(JSON.stringify(to.chat(asked))).not.toContain("developer");
  },
  blankTexts(to) {
    const asked = [system(""), user("Hi"), assistant("Hey"), user(" \n"), user([text(""), text("go on")])];
    expect(to.chat(asked)).toEqual(to.chat([user("Hi"), assistant("Hey"), user([text("go on")])]));
    expect(roles(to.turns(user("Hi"), assistant("Hey"), user(""))).at(-1)).toBe("user");
    expect(to.turns(user("Hi"), assistant(" "), user("go on"))).toEqual(to.turns(user("Hi"), user("go on")));
    const called = to.turns(
      user("Hi"),
      assistant("", { tool_calls: [call("a1b2c3d4e")] }),
      result("a1b2c3d4e", " "),
    );
    expect(said(called[1])).toContain("look");
    expect(said(called[2])).toContain("a1b2c3d4e");
  },
  onlySystem(to) {
    const sent = to.chat([system("You are a poet."), system("Write a haiku.")]);
    expect(sent).toEqual(to.chat([system("You are a poet."), user("Write a haiku.")]));
  },
  firstTurn(to) {
    expect(roles(to.turns(assistant("Welcome"), user("Hi")))).toEqual(["user", "assistant", "user"]);
  },
  trailingSpace(to) {
    const sent = to.turns(user("Hi "), assistant("The answer is: \n"));
    expect(sent).toEqual(to.turns(user("Hi "), assistant("The answer is:")));
    expect(to.turns(user("Hi "), assistant([text("It is "), text("so ")]))).toEqual(
      to.turns(user("Hi "), assistant([text("It is "), text("so")])),
    );
  },
  continued(to) {
    expect(to.turns(user("Hi"), assistant("The")).at(-1)).toMatchObject({ content: "The", prefix: true });
    expect(said(to.turns(assistant("The"), user("Hi"))[0])).not.toContain("prefix");
  },
  sameRole(to) {
    const sent = to.turns(user("a"), user([text("b"), image]), assistant("c"), assistant("d"), user("e"));
    expect(roles(sent)).toEqual(["user", "assistant", "user"]);
    expect(sent).toMatchObject([
      { content: [text("a"), text("b"), image] },
      { content: "c\n\nd" },
      { content: "e" },
    ]);
  },
  afterTools(to) {
    const sent = to.turns(
      user("Hi"),
      assistant(null, { tool_calls: [call("a1b2c3d4e")] }),
      result("a1b2c3d4e", "x"),
      user("and?"),
    );
    expect(roles(sent)).toEqual(["user", "assistant", "tool", "assistant", "user"]);
  },
  callIds(to, taken) {
    const other = `${LONG_ID}1`;
    const sent = to.turns(
      user("Hi"),
      assistant(null, { tool_calls: [call(LONG_ID), call(other), call("a1b2c3d4e")] }),
      result(LONG_ID, "x"),
      result(other, "y"),
      result("a1b2c3d4e", "z"),
    );
    const ids = [...JSON.stringify(sent).matchAll(/"(?:id|tool_call_id|tool_use_id)":"([^"]+)"/g)].map(
      ([, id = ""]) => id,
    );
    expect(ids).toHaveLength(6);
    expect(ids.slice(0, 3)).toEqual(ids.slice(3));
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => taken.test(id))).toBe(true);
    expect(ids[2]).toBe("a1b2c3d4e");
  },
  toolMedia(to) {
    const sent = to.turns(
      user("Hi"),
      assistant(null, { tool_calls: [call("a1b2c3d4e"), call("f1b2c3d4e")] }),
      result("a1b2c3d4e", [text("a picture"), image]),
      result("f1b2c3d4e", "x"),
    );
    const tools = sent.filter(({ role }) => role === "tool");
    expect(tools).toMatchObject([{ content: "a picture" }, { content: "x" }]);
    expect(sent.at(-1)?.["role"]).toBe("user");
    expect(sent.at(-1)?.["content"]).toContainEqual(image);
  },
  textParts(to) {
    expect(to.turns(user([text("a"), text("b")]))).toEqual([user("a\nb")]);
    expect(to.turns(user([text("a"), image]))).toEqual([user([text("a"), image])]);
  },
  textFiles(to) {
    const [turn] = to.turns(user([text("Sum up"), file("text/plain", "aMOpbGxv", "a.txt")]));
    expect(said(turn)).toContain("a.txt:");
    expect(said(turn)).toContain("héllo");
    expect(said(turn)).not.toContain("aMOpbGxv");
  },
  pdf(to, form) {
    const [turn] = to.turns(user([text("Sum up"), file("application/pdf", "JVBERi0=", "a.pdf")]));
    expect(turn?.["content"]).toContainEqual({
      type: form,
      document_url: "data:application/pdf;base64,JVBERi0=",
      document_name: "a.pdf",
    });
  },
  thinking(to, { field, required }) {
    const FIELDS = ["reasoning_content", "reasoning", "thinking_blocks"];
    const blocks = [{ type: "thinking", thinking: "Hm.", signature: "s" }];
    for (const told of [{ reasoning_content: "Hm." }, { reasoning: "Hm." }, { thinking_blocks: blocks }]) {
      const [, turn] = to.turns(user("Hi"), assistant("Hey", told), user("so?"));
      const kept = FIELDS.filter((name) => turn?.[name] !== undefined);
      expect(kept).toEqual(field === null ? [] : [field]);
      if (field !== null) expect(turn?.[field]).toBe("Hm.");
    }
    const [, lost] = to.turns(
      user("Hi"),
      assistant(null, { tool_calls: [call("a1b2c3d4e")] }),
      result("a1b2c3d4e", "x"),
    );
    if (required) expect(lost?.[field ?? ""]).toBe(" ");
    else expect(FIELDS.filter((name) => lost?.[name] !== undefined)).toEqual([]);
  },
  additions(to) {
    const mark = { cache_control: { type: "ephemeral" } };
    const google = { extra_content: { google: { thought_signature: "s" } } };
    const body = to.chat(
      [
        { ...system([text("Be brief", mark)]), ...mark },
        user([text("Hi", mark), image]),
        assistant(null, { tool_calls: [call("a1b2c3d4e", google)], reasoning_details: [], ...google }),
        { ...result("a1b2c3d4e", "x"), is_error: true },
      ],
      { tools: [{ ...tool({ type: "object", properties: {} }), ...mark }] },
    );
    expect(JSON.stringify(body)).not.toMatch(/cache_control|extra_content|reasoning_details|is_error/);
    expect(JSON.stringify(body)).toContain("Be brief");
  },
  penalties(to, refusing) {
    const models = ["gpt-5", "gpt-4o", "gemini-2.0-flash", "gemini-2.5-flash", "grok-4", "grok-3", "m"];
    for (const model of models) {
      const sent = JSON.stringify(
        to.chat([user("Hi")], { presence_penalty: 0.2, frequency_penalty: 0.1 }, model),
      );
      expect(/penalty/i.test(sent)).toBe(!refusing.test(model));
    }
    expect(models.some((model) => refusing.test(model))).toBe(true);
  },
  sampling(to, refusing) {
    for (const model of ["o3-mini", "gpt-5", "gpt-5-mini", "gpt-5.1", "gpt-5-chat-latest", "gpt-4o"]) {
      const sent = to.chat([user("Hi")], { temperature: 0, top_p: 0.5 }, model);
      expect("temperature" in sent && "top_p" in sent).toBe(!refusing.test(model));
    }
  },
  parameters(to) {
    const branch = (name: string) => ({
      type: "object",
      properties: { kind: { type: "string" }, [name]: { type: "string" } },
      required: ["kind", name],
    });
    const sent = to.chat([user("Hi")], {
      tools: [tool({ anyOf: [branch("a"), branch("b")] }), tool({ type: "object" })],
    });
    const [first, second] = sent["tools"] as Body[];
    const schemaOf = (each: Body | undefined) =>
      each?.["input_schema"] ?? (each?.["function"] as Body | undefined)?.["parameters"];
    const any = { type: "string" };
    expect(schemaOf(first)).toEqual({
      type: "object",
      properties: { kind: any, a: any, b: any },
      required: ["kind"],
    });
    expect(schemaOf(second)).toEqual({ type: "object", properties: {} });
  },
  keywords(to, keywords) {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      type: "object",
      properties: {
        uniqueItems: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: true },
        list: { type: "array", uniqueItems: true, items: { anyOf: [{ type: "integer", multipleOf: 2 }] } },
      },
    };
    const fitted = {
      type: "object",
      properties: {
        uniqueItems: { type: "number", minimum: 0 },
        list: { type: "array", items: { anyOf: [{ type: "integer" }] } },
      },
    };
    const format = { type: "json_schema", json_schema: { name: "n", schema } };
    const sent = to.chat([user("Hi")], { tools: [tool(schema)], response_format: format });
    expect(JSON.stringify(sent).split(JSON.stringify(fitted))).toHaveLength(3);
    expect(Object.keys(keywords)).toEqual(
      expect.arrayContaining(["$schema", "exclusiveMinimum", "uniqueItems"]),
    );
  },
  clientHeaders(_, names) {
    const client: Readonly<Record<string, string>> = Object.fromEntries(
      [...names, ...CREDENTIALS].map((name) => [name, `the client's ${name}`]),
    );
    const passedOn = passOnHeaders((name) => client[name] ?? null, { ...connection, clientHeaders: names });
    expect(Object.keys(passedOn ?? {})).toEqual(names);
    expect(names.filter((name) => CREDENTIALS.includes(name) || name !== name.toLowerCase())).toEqual([]);
  },
};

/** What must never be passed on, or decides whose account pays. */
const CREDENTIALS: readonly string[] = [
  "authorization",
  "x-api-key",
  "api-key",
  "x-goog-api-key",
  "cookie",
  "openai-organization",
  "openai-project",
  "x-goog-user-project",
  "x-hf-bill-to",
];

const entries = (Object.keys(ODDITIES) as Name[]).flatMap((name) =>
  (Object.keys(ODDITIES[name]) as Row[]).map((row) => ({ name, row })),
);

describe("what is odd about a provider", () => {
  it.each(entries)("is done for it: $name, $row", ({ name, row }) => {
    const drive = rows[row] as (to: Odd, wanted: unknown) => void;
    const to = new Odd(name);
    drive(to, to.odd[row]);
  });

  it("leaves a request alone that has nothing odd", () => {
    const body = {
      messages: [system("Be brief"), user([text("Look"), image]), assistant("Hey"), user("go on")],
      temperature: 0.2,
      tools: [tool({ type: "object", properties: { a: { type: "string" } }, required: ["a"] })],
      tool_choice: "auto",
    };
    for (const name of ["other", "openai", "groq", "openrouter", "vllm"] as const) {
      expect(new Odd(name).send("chat", body)).toEqual({ ...body, model: "m" });
    }
  });

  it("is left out without the rest of what the client asks", () => {
    const sent = new Odd("mistral").chat([user("Hi")], {
      store: false,
      user: "u",
      prompt_cache_key: "k",
      top_k: 4,
    });
    expect(sent).toEqual({ model: "m", messages: [user("Hi")], top_k: 4 });
  });
});

describe("tools that are not there", () => {
  it.each(["other", "openai", "mistral", "anthropic", "google", "workers-ai"] as const)(
    "take the choice among them along: %s",
    (name) => {
      const to = new Odd(name);
      const none = to.chat([user("Hi")]);
      for (const more of [
        { tool_choice: "auto", parallel_tool_calls: false },
        { tools: [], tool_choice: "none" },
      ]) {
        expect(to.chat([user("Hi")], more)).toEqual(none);
      }
      expect(to.chat([user("Hi")], { functions: [], function_call: "none" })).toEqual(none);
    },
  );

  it("leave Google's own tools without a choice, which is one among functions", () => {
    const sent = new Odd("google").chat([user("Hi")], { tools: [{ googleSearch: {} }], tool_choice: "auto" });
    expect(sent).toMatchObject({ tools: [{ googleSearch: {} }] });
    expect(sent).not.toHaveProperty("toolConfig");
  });
});

describe("docs/providers.md", () => {
  const page = readFileSync(new URL("../../../docs/providers.md", import.meta.url), "utf8");
  const [, table = ""] = /<!-- oddities: begin -->(.*?)<!-- oddities: end -->/s.exec(page) ?? [];
  const shown = table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  it("shows the table of oddities as it is in force", () => {
    const inForce = (Object.keys(ODDITY_WORDS) as Row[]).map((row) => [
      ODDITY_WORDS[row],
      showProviders(row),
    ]);
    expect(shown).toEqual(inForce);
  });
});
