import { ok } from "../../domain/result.ts";
import type { Dialect } from "../dialect.ts";
import { finishResponse } from "./response-object.ts";
import { toChat } from "./to-chat.ts";
import { openStream } from "./write-stream.ts";

/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses */
export const responses: Dialect<"responses"> = {
  toChat,
  writeAnswer: (turn, input) => ok(JSON.stringify(finishResponse(turn, input))),
  openStream,
};
