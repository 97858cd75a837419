import { describe, expect, it } from "vitest";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, useDeployment } from "../deployment.ts";

/** A session by the requests that Codex was seen to send: the agent itself is a large binary. */
const app = useDeployment();

type Item = Record<string, unknown>;
interface CodexEvent {
  readonly type: string;
  readonly item?: Item;
  readonly response?: { readonly error?: object; readonly usage?: object };
}

const TOOLS = [
  { type: "function", name: "shell", description: "Runs.", strict: false, parameters: { type: "object" } },
  {
    type: "custom",
    name: "apply_patch",
    description: "Edits files.",
    format: { type: "grammar", syntax: "lark", definition: "start: /.+/s" },
  },
  { type: "web_search", external_web_access: false },
  {
    type: "namespace",
    name: "mcp__notes__",
    description: "Notes.",
    tools: [{ type: "function", name: "find", strict: false, parameters: { type: "object" } }],
  },
];
const asks = (input: readonly Item[]) => ({
  model: "chat",
  instructions: "You are Codex.",
  input,
  tools: TOOLS,
  tool_choice: "auto",
  parallel_tool_calls: false,
  reasoning: { effort: "medium", summary: "auto" },
  store: false,
  stream: true,
  include: ["reasoning.encrypted_content"],
  prompt_cache_key: "session-1",
});
const user = (text: string): Item => ({
  type: "message",
  role: "user",
  content: [{ type: "input_text", text }],
});

async function ask(input: readonly Item[]): Promise<readonly CodexEvent[]> {
  const response = await app.post("/v1/responses", asks(input), { accept: "text/event-stream" });
  const text = await response.text();
  const events = text.trimEnd().split("\n\n");
  return events.map((event) => JSON.parse(event.slice(event.indexOf("data: ") + 6)) as CodexEvent);
}

/** What Codex takes along: the items that are done, thinking without the text that is shown. */
const itemsOf = (events: readonly CodexEvent[]): Item[] =>
  events.flatMap(({ type, item }) => {
    if (type !== "response.output_item.done" || !item) return [];
    const { content, ...rest } = item;
    return [item["type"] === "reasoning" ? rest : { ...rest, content }];
  });

describe("Codex, over a chat", { meta: { client: "Codex" } }, () => {
  it(
    "thinks, edits a file by its free-form tool, and goes on",
    { meta: { shows: ["streams", "usage", "thinking", "tools"] } },
    async () => {
      const turns = [user('!think A patch.\n!call apply_patch {"input":"*** Begin Patch"}')];
      const events = await ask(turns);
      expect(events.at(-1)?.type).toBe("response.completed");
      expect(events.at(-1)?.response?.usage).toMatchObject({ input_tokens: expect.any(Number) as number });
      const items = itemsOf(events);
      expect(items).toMatchObject([
        { type: "reasoning" },
        { type: "custom_tool_call", call_id: "call_1", name: "apply_patch", input: "*** Begin Patch" },
      ]);
      const output = { type: "custom_tool_call_output", call_id: "call_1", output: "Done." };
      const said = itemsOf(await ask([...turns, ...items, output]));
      expect(said).toMatchObject([{ type: "message", content: [{ text: "echo: Done." }] }]);
      const sent = (await app.primary.requests()).at(-1)?.body as { messages: Item[]; tools: Item[] };
      expect(sent.messages.at(-2)).toMatchObject({
        role: "assistant",
        tool_calls: [{ id: "call_1", function: { arguments: '{"input":"*** Begin Patch"}' } }],
      });
      expect(JSON.stringify(sent.tools)).not.toContain("web_search");
    },
  );

  it(
    "calls the tools of its servers by their namespace",
    { meta: { shows: ["tools", "pictures"] } },
    async () => {
      const turns = [user('!call mcp__notes__find {"text":"sky"}')];
      const items = itemsOf(await ask(turns));
      expect(items).toMatchObject([
        { type: "function_call", namespace: "mcp__notes__", name: "find", arguments: '{"text":"sky"}' },
      ]);
      const picture = { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=" };
      const output = [{ type: "input_text", text: "a note" }, picture];
      const said = itemsOf(
        await ask([...turns, ...items, { type: "function_call_output", call_id: "call_1", output }]),
      );
      expect(said).toMatchObject([{ type: "message", status: "completed" }]);
      const sent = JSON.stringify((await app.primary.requests()).at(-1)?.body);
      expect(sent).toContain('"name":"mcp__notes__find"');
      expect(sent).toContain("a note");
      expect(sent).toContain(picture.image_url);
    },
  );

  it(
    "learns of a failure in the middle by the event that it looks for",
    { meta: { shows: "broken streams" } },
    async () => {
      await app.primary.fault({ kind: "error-event", after: 3 });
      const events = await ask([user("one two three")]);
      expect(events.at(-1)).toMatchObject({
        type: "response.failed",
        response: { status: "failed", error: { code: "upstream_error" } },
      });
    },
  );

  it("ends the provider's call when it is interrupted", { meta: { shows: "abort" } }, async () => {
    await app.primary.fault({ eventDelayMs: 10 });
    const request = openRequest(`${app.gateway.url}/v1/responses`, asks([user("word ".repeat(500))]), {
      authorization: `Bearer ${API_KEY}`,
    });
    await request.waitForText("response.output_text.delta");
    request.leave();
    await app.primary.waitUntilAborted();
  });
});
