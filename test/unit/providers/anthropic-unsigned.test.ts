import { describe, expect, it } from "vitest";
import type { TaskRequests } from "../../../worker/contract/requests.ts";
import type { HttpTask } from "../../../worker/domain/routing/adapter.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { valueOf } from "../unwrap-result.ts";

const anthropic = createAnthropic(() => 0);
const connection = { baseUrl: "https://api.example/v1", apiKey: "sk-ant", headers: {} };
const bodyOf = ({ body }: { body: string }) => JSON.parse(body) as { messages: unknown[] };
const sent = (messages: TaskRequests["messages"]["messages"]) => {
  const native = anthropic.messages as HttpTask<"messages">;
  return bodyOf(valueOf(native.buildRequest({ model: "r", max_tokens: 9, messages }, "claude", connection)))
    .messages;
};

const user = { role: "user", content: "Hi" };
const thought = (signature: string) => ({ type: "thinking", thinking: "Hm.", signature });
const call = { type: "tool_use", id: "a", name: "look", input: {} };

describe("thinking in a conversation that goes on with Claude", () => {
  it("stays as Claude signed it, and what others thought is left out", () => {
    const signed = { role: "assistant", content: [thought("sig"), call] };
    expect(sent([user, signed])).toEqual([user, signed]);
    expect(sent([user, { role: "assistant", content: [thought(""), call] }])).toEqual([
      user,
      { role: "assistant", content: [call] },
    ]);
    expect(sent([user, { role: "assistant", content: [thought("")] }, user])).toEqual([user, user]);
    expect(
      sent([
        { role: "user", content: [] },
        { role: "assistant", content: [thought(""), call] },
      ]),
    ).toEqual([
      { role: "user", content: [] },
      { role: "assistant", content: [call] },
    ]);
  });

  it("is left out of chats alike", () => {
    const chat = anthropic.chat as HttpTask<"chat">;
    const said = (signature: string) => ({
      role: "assistant",
      content: "Hey",
      thinking_blocks: [thought(signature)],
    });
    const ask = (signature: string) =>
      bodyOf(
        valueOf(
          chat.buildRequest({ model: "r", messages: [user, said(signature), user] }, "claude", connection),
        ),
      ).messages[1];
    expect(ask("sig")).toEqual({
      role: "assistant",
      content: [thought("sig"), { type: "text", text: "Hey" }],
    });
    expect(ask("")).toEqual({ role: "assistant", content: "Hey" });
  });
});
