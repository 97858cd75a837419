import { ok } from "../../domain/result.ts";
import type { Dialect } from "../dialect.ts";
import { finishMessage } from "./message-object.ts";
import { toChat } from "./to-chat.ts";
import { openStream } from "./write-stream.ts";

/** Anthropic's Messages API: https://docs.anthropic.com/en/api/messages */
export const messages: Dialect<"messages"> = {
  toChat,
  writeAnswer(turn, input) {
    const message = finishMessage(turn, input);
    return message.ok ? ok(JSON.stringify(message.value)) : message;
  },
  openStream,
};
