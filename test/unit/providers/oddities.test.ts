import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ODDITIES } from "../../../worker/contract/config/oddities.ts";
import { assistant, image, type Name, Odd, type Row, system, text, tool, user } from "./odd-provider.ts";
import { rows } from "./oddity-rows.ts";
import { ODDITY_WORDS, showProviders } from "./oddity-words.ts";

const entries = (Object.keys(ODDITIES) as Name[]).flatMap((name) =>
  (Object.keys(ODDITIES[name]) as Row[]).map((row) => ({ name, row })),
);

/** `maxInputs`, in words. */
const wordsOf = (row: Row) => row.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

describe("what is odd about a provider", () => {
  for (const { name, row } of entries) {
    it(`is done for it: ${name}, ${row}`, { meta: { provider: name, odd: wordsOf(row) } }, () => {
      const drive = rows[row] as (to: Odd, wanted: unknown) => void;
      const to = new Odd(name);
      drive(to, to.odd[row]);
    });
  }

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

describe("a choice among tools", () => {
  const tools = [tool({ type: "object" }), { type: "function", function: { name: "other" } }];
  const sent = (name: "openai" | "mistral" | "anthropic" | "google" | "workers-ai", tool_choice: unknown) =>
    new Odd(name).chat([user("Hi")], { tools, tool_choice });
  const named = { type: "function", function: { name: "look" } };

  it.each([
    ["any", "required"],
    [{ type: "any" }, "required"],
    [{ type: "required" }, "required"],
    [{ type: "auto" }, "auto"],
    [{ type: "none" }, "none"],
    [{ type: "function", name: "look" }, named],
    [{ type: "tool", name: "look" }, named],
  ])("may be said as another API says it: %j", (theirs, ours) => {
    for (const name of ["openai", "mistral", "anthropic", "google", "workers-ai"] as const)
      expect([name, sent(name, theirs)]).toEqual([name, sent(name, ours)]);
    expect(sent("openai", theirs)).toMatchObject({ tool_choice: ours });
  });

  it("among some of them offers Claude no others", () => {
    const some = { type: "allowed_tools", allowed_tools: { mode: "required", tools: [named] } };
    expect(sent("openai", some)).toMatchObject({ tools: [{}, {}], tool_choice: some });
    expect(sent("anthropic", some)).toMatchObject({
      tools: [{ name: "look" }],
      tool_choice: { type: "any" },
    });
    expect(sent("anthropic", some)["tools"]).toHaveLength(1);
  });

  it("keeps what only Anthropic has", () => {
    const alone = { type: "any", disable_parallel_tool_use: true };
    expect(sent("anthropic", alone)).toMatchObject({ tool_choice: alone });
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
