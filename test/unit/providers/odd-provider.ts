import { ODDITIES, type Oddities } from "../../../worker/contract/config/oddities.ts";
import { PRESETS } from "../../../worker/contract/config/presets.ts";
import type { HttpTask, ProviderAdapter } from "../../../worker/domain/routing/adapter.ts";
import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createAzureOpenai } from "../../../worker/providers/azure-openai/adapter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { workersAi } from "../../../worker/providers/workers-ai/adapter.ts";
import { valueOf } from "../unwrap-result.ts";

export type Name = keyof typeof ODDITIES;
export type Row = keyof Oddities;
export type Body = Readonly<Record<string, unknown>>;

export const connection = { baseUrl: "https://p.example/v1", apiKey: undefined, headers: {} };
const kinds: Partial<Record<Name, ProviderAdapter>> = {
  other: createOpenai(ODDITIES.other),
  anthropic: createAnthropic(() => 0),
  google: createGoogle(() => 0),
  "azure-openai": createAzureOpenai(undefined),
  "workers-ai": workersAi,
};

/** A provider of the table, as a test asks it. */
export class Odd {
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

export const user = (content: unknown) => ({ role: "user", content });
export const assistant = (content: unknown, more: Body = {}) => ({ role: "assistant", content, ...more });
export const system = (content: unknown) => ({ role: "system", content });
export const call = (id: string, more: Body = {}) => ({
  id,
  type: "function",
  function: { name: "look", arguments: "{}" },
  ...more,
});
export const result = (id: string, content: unknown) => ({ role: "tool", tool_call_id: id, content });
export const text = (said: string, more: Body = {}) => ({ type: "text", text: said, ...more });
export const image = { type: "image_url", image_url: { url: "data:image/png;base64,QUJD" } };
export const file = (type: string, data: string, filename?: string) => ({
  type: "file",
  file: { file_data: `data:${type};base64,${data}`, ...(filename ? { filename } : {}) },
});
export const tool = (parameters: Body) => ({ type: "function", function: { name: "look", parameters } });
export const LONG_ID = "call_PTLP8xhu3uwZk4l3nlnrrJha_0123456789:0";
export const said = (turn: Body | undefined): string => JSON.stringify(turn ?? null);
export const roles = (turns: readonly Body[]) =>
  turns.map(({ role }) => (role === "model" ? "assistant" : role));
