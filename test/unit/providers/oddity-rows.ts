import { expect } from "vitest";
import type { InputTypes, Oddities } from "../../../worker/contract/config/oddities.ts";
import type { HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { err } from "../../../worker/domain/result.ts";
import { withDialects } from "../../../worker/providers/with-dialects.ts";
import { valueOf } from "../unwrap-result.ts";
import { passOnHeaders } from "../../../worker/domain/routing/client-headers.ts";
import {
  assistant,
  type Body,
  call,
  connection,
  file,
  image,
  LONG_ID,
  type Odd,
  result,
  roles,
  type Row,
  said,
  system,
  text,
  tool,
  user,
} from "./odd-provider.ts";

const NOTHING = err({ kind: "invalid_input", reason: "no other form" } as const);

/** Codex's tools and the calls of them. */
const PATCH = { type: "custom", name: "apply_patch" };
const NOTES = { type: "namespace", name: "notes", tools: [{ type: "function", name: "find" }] };
const PATCHED = { type: "custom_tool_call", call_id: "call_1", name: "apply_patch", input: "*** Begin" };
const FOUND = { type: "function_call", call_id: "call_1", name: "find", namespace: "notes", arguments: "{}" };

/** What each entry asks for, shown by what is sent. */
export const rows: { readonly [R in Row]-?: (to: Odd, wanted: NonNullable<Oddities[R]>) => void } = {
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
  rerank(to, { documents = "documents", topN = "top_n" }) {
    const sent = to.send("rerank", { query: "q", documents: ["a", { text: "b" }], top_n: 1 });
    expect(sent).toMatchObject({ query: "q", [documents]: ["a", "b"] });
    if (topN !== null) expect(sent[topN]).toBe(1);
    else expect(sent).not.toHaveProperty("top_n");
  },
  embeddings(to) {
    const sent = to.send("embeddings", { input: "a", dimensions: 256, truncation: false });
    expect(sent).toEqual({
      model: "m",
      texts: ["a"],
      input_type: "search_document",
      embedding_types: ["float"],
      output_dimension: 256,
      truncate: "NONE",
    });
  },
  inputType(to, wanted: InputTypes | null) {
    const sentFor = (input_type: string) => said(to.send("embeddings", { input: "a", input_type }));
    const words = { query: "search_query", document: "passage", clustering: "separation" } as const;
    for (const [purpose, word] of Object.entries(words)) {
      const own = wanted?.values[purpose as keyof typeof words];
      if (wanted && own) expect(sentFor(word)).toContain(`"${wanted.field}":"${own}"`);
      else expect(sentFor(word)).not.toMatch(/"(input_type|task|taskType)"/);
    }
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
  responsesTools(to) {
    const { responses } = withDialects(to.adapter);
    if (responses?.kind !== "http") throw new Error("it has no responses");
    const takes = (more: object) => responses.takes?.({ model: "route", input: "Hi", ...more });
    const plain = { type: "function", name: "look", parameters: {} };
    const called = { type: "function_call", call_id: "call_1", name: "look", arguments: "{}" };
    expect(takes({ tools: [plain], input: [user("Hi"), called] })).toBe(true);
    expect(takes({ tools: [plain, PATCH], previous_response_id: "resp_1" })).toBe(true);
    for (const tools of [[PATCH], [plain, NOTES], [{ type: "local_shell" }]])
      expect(takes({ tools })).toBe(false);
    for (const item of [PATCHED, FOUND, { type: "additional_tools", tools: [NOTES] }])
      expect(takes({ input: [item] })).toBe(false);
    const asked = { model: "route", input: "Hi", tools: [PATCH, NOTES] } as never;
    const { url, body } = valueOf(responses.instead?.buildRequest(asked, "m", connection) ?? NOTHING);
    expect(url).toContain("/chat/completions");
    expect((JSON.parse(body) as { tools: object[] }).tools).toMatchObject([
      { type: "function", function: { name: "apply_patch" } },
      { type: "function", function: { name: "notes__find" } },
    ]);
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
