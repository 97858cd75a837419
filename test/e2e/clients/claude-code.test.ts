import Anthropic, { APIUserAbortError } from "@anthropic-ai/sdk";
import { describe, expect, it } from "vitest";
import { API_KEY, useDeployment } from "../deployment.ts";

/**
 * A session as Claude Code has it, by the client that it is built on: the agent itself is a large binary.
 * Its requests mark what may be cached, bring tools of Anthropic's own and beta headers, and think.
 */
const app = useDeployment();
const client = () =>
  new Anthropic({
    baseURL: app.gateway.url,
    authToken: API_KEY,
    apiKey: null,
    maxRetries: 0,
    defaultHeaders: {
      "user-agent": "claude-cli/2.1.0 (external, cli)",
      "x-app": "cli",
      "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
    },
  });

const MARK = { cache_control: { type: "ephemeral" as const } };
const PICTURE = "iVBORw0KGgo=";
type Turns = Anthropic.MessageParam[];

const asks = (messages: Turns, model = "chat") => ({
  model,
  max_tokens: 32_000,
  system: [
    { type: "text" as const, text: "You are Claude Code.", ...MARK },
    { type: "text" as const, text: "Be brief.", ...MARK },
  ],
  tools: [
    { name: "Read", description: "Reads a file.", input_schema: { type: "object" as const } },
    { type: "web_search_20250305" as const, name: "web_search" as const, max_uses: 8 },
  ],
  thinking: { type: "adaptive" as const },
  metadata: { user_id: `user_${"a".repeat(64)}_session_1` },
  messages,
});
const user = (text: string): Anthropic.MessageParam => ({
  role: "user",
  content: [
    { type: "text", text: "<system-reminder>As it is.</system-reminder>\n" },
    { type: "text", text, ...MARK },
  ],
});

describe("Claude Code, over a chat", { meta: { client: "Claude Code" } }, () => {
  it(
    "thinks, calls a tool, and goes on with the picture that the tool gave",
    { meta: { shows: ["streams", "thinking", "tools", "pictures"] } },
    async () => {
      const turns: Turns = [user('!think A file.\n!call Read {"path":"a.png"}')];
      const first = await client().messages.stream(asks(turns)).finalMessage();
      expect(first).toMatchObject({
        stop_reason: "tool_use",
        content: [
          { type: "thinking", thinking: "A file." },
          { type: "tool_use", id: "call_1", name: "Read", input: { path: "a.png" } },
        ],
      });
      const source = { type: "base64" as const, media_type: "image/png" as const, data: PICTURE };
      const content = [
        { type: "text" as const, text: "a blue sky" },
        { type: "image" as const, source },
      ];
      turns.push(
        { role: "assistant", content: first.content },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content, ...MARK }] },
      );
      const last = await client().messages.stream(asks(turns)).finalMessage();
      expect(last).toMatchObject({ stop_reason: "end_turn", content: [{ type: "text" }] });
      const sent = JSON.stringify((await app.primary.requests()).at(-1)?.body);
      // Where the picture stands among the messages is the provider's matter.
      expect(sent).toContain("a blue sky");
      expect(sent).toContain(`data:image/png;base64,${PICTURE}`);
      expect(sent).not.toContain("web_search");
    },
  );

  it(
    "knows from the start about how much it has sent, and at the end what was counted",
    { meta: { shows: "usage" } },
    async () => {
      const stream = await client().messages.create({ ...asks([user("hello there")]), stream: true });
      const events = await Array.fromAsync(stream);
      const [start] = events;
      if (start?.type !== "message_start") throw new Error("no start");
      expect(start.message.usage.input_tokens).toBeGreaterThan(20);
      const end = events.find(({ type }) => type === "message_delta");
      expect(end).toMatchObject({ usage: { output_tokens: expect.any(Number) as number } });
    },
  );

  it(
    "is told an estimate where it has tokens counted, and Anthropic's own number where that is asked",
    { meta: { shows: "token counts" } },
    async () => {
      const { messages, system, tools } = asks([user("hello there")]);
      const counted = await client().messages.countTokens({ model: "chat", messages, system, tools });
      expect(counted).toMatchObject({ estimated: true });
      expect(counted.input_tokens).toBeGreaterThan(20);
      expect(await app.primary.requests()).toHaveLength(0);
      const own = await client().messages.countTokens({ model: "claude", messages, system, tools });
      expect(own.input_tokens).toBeGreaterThan(1000);
      expect(own).not.toHaveProperty("estimated");
      const [received] = await app.primary.requests();
      expect(received?.path).toBe("/v1/messages/count_tokens");
      expect(received?.body).toMatchObject({ messages, system, tools });
    },
  );

  it("ends the provider's call when it is interrupted", { meta: { shows: "abort" } }, async () => {
    await app.primary.fault({ eventDelayMs: 10 });
    const stream = client().messages.stream(asks([user("word ".repeat(500))]));
    stream.once("text", () => stream.abort());
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(APIUserAbortError);
    await app.primary.waitUntilAborted();
  });
});

describe("what Claude Code is refused with", () => {
  const post = (path: string, body: object, headers = {}) => app.post(path, body, headers);
  const typeOf = async (response: Response) => {
    const { type, error } = (await response.json()) as { type: string; error: { type: string } };
    return [response.status, type, error.type];
  };

  it(
    "is of Anthropic's own types, at paths that are not there too",
    { meta: { client: "Claude Code", shows: "errors" } },
    async () => {
      const anthropic = { "anthropic-version": "2023-06-01" };
      const { messages } = asks([user("x")]);
      const missing = await post("/v1/messages", { model: "nobody", max_tokens: 1, messages });
      expect(await typeOf(missing)).toEqual([404, "error", "not_found_error"]);
      expect(await typeOf(await post("/v1/messages/batches", {}))).toEqual([404, "error", "not_found_error"]);
      const doubled = await post("/v1/v1/messages", {}, anthropic);
      expect(await typeOf(doubled)).toEqual([404, "error", "not_found_error"]);
      const large = await post("/v1/messages", {
        model: "chat",
        max_tokens: 1,
        messages,
        x: "x".repeat(70_000),
      });
      expect(await typeOf(large)).toEqual([413, "error", "request_too_large"]);
      const unknown = await post("/v1/messages", { model: "chat" }, { authorization: "Bearer hr_test_no" });
      expect(await typeOf(unknown)).toEqual([401, "error", "authentication_error"]);
      await app.primary.fault({ kind: "status", status: 429 });
      const limited = await post("/v1/messages", { model: "chat", max_tokens: 1, messages });
      expect(await typeOf(limited)).toEqual([429, "error", "rate_limit_error"]);
    },
  );
});
