/** What the upstream says: the shapes and sizes of real answers, made once. */
const WORDS = "the water that drives the wheel comes down from the hills and goes on to the sea ".repeat(10);
const words = (length: number) => WORDS.repeat(Math.ceil(length / WORDS.length)).slice(0, length);

const usage = { prompt_tokens: 180, completion_tokens: 200, total_tokens: 380 };
const head = { id: "chatcmpl-bench0123456789", created: 1_790_000_000, model: "gpt-4o-mini-2024-07-18" };
const tail = { service_tier: "default", system_fingerprint: "fp_0123456789" };

/** A chat completion whose text has so many characters. */
export const writeChat = (length: number) =>
  JSON.stringify({
    ...head,
    object: "chat.completion",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: words(length), refusal: null },
        logprobs: null,
        finish_reason: "stop",
      },
    ],
    usage: { ...usage, prompt_tokens_details: { cached_tokens: 0 } },
    ...tail,
  });

/** About 1 KB. */
export const CHAT = writeChat(600);

/** The same answer in the form of Anthropic's Messages API. */
export const MESSAGE = JSON.stringify({
  id: "msg_bench0123456789",
  type: "message",
  role: "assistant",
  model: "claude-sonnet-4-5",
  content: [{ type: "text", text: words(600) }],
  stop_reason: "end_turn",
  stop_sequence: null,
  usage: {
    input_tokens: 180,
    output_tokens: 200,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  },
});

export const STREAM_EVENTS = 200;

const chunk = (choices: object[], used: object | null) =>
  `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", ...tail, choices, usage: used })}\n\n`;

const PARTS = Array.from({ length: STREAM_EVENTS }, (_, at) => {
  const content = ` ${WORDS.split(" ")[at % 100] ?? ""}`;
  return chunk([{ index: 0, delta: { content }, logprobs: null, finish_reason: null }], null);
});

/** So many parts of an answer, what was used, and the end of the stream. */
export const writeEvents = (count: number): readonly string[] => [
  ...Array.from({ length: count }, (_, at) => PARTS[at % PARTS.length] ?? ""),
  `${chunk([], usage)}data: [DONE]\n\n`,
];
