import { describe, expect, it } from "vitest";
import type { ChatRequest } from "../../../worker/contract/requests.ts";
import type { Connection, HttpTask, StreamEvent } from "../../../worker/domain/routing/adapter.ts";
import { cutEvents, readData } from "../../../worker/domain/answers/server-sent-events.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { readRefusal } from "../../../worker/providers/google/read-refusal.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const google = createGoogle(() => 1_700_000_000_999);
const chat = google.chat as HttpTask<"chat">;
const embeddings = google.embeddings as HttpTask<"embeddings">;
const connection: Connection = { baseUrl: "https://google.example/v1beta", apiKey: undefined, headers: {} };
const user = { role: "user", content: "Hi" };
const input: ChatRequest = { model: "chat", messages: [user] };

type Sent = Record<string, unknown> & { readonly contents: { role: string; parts: unknown[] }[] };
const build = (change: Record<string, unknown>, model = "gemini-2.5-flash") =>
  chat.buildRequest({ ...input, ...change }, model, connection);
const sent = (change: Record<string, unknown>, model?: string) =>
  JSON.parse(valueOf(build(change, model)).body) as Sent;
const configOf = (change: Record<string, unknown>, model?: string) => sent(change, model)["generationConfig"];
const partsOf = (content: unknown) => sent({ messages: [{ role: "user", content }] }).contents[0]?.parts;

describe("the place of a Google request", () => {
  it.each(["gemini-2.5-flash", "models/gemini-2.5-flash"])("is the model's: %s", (model) => {
    expect(valueOf(build({}, model)).url).toBe(
      `${connection.baseUrl}/models/gemini-2.5-flash:generateContent`,
    );
  });

  it("is a tuned model's own collection", () => {
    expect(valueOf(build({}, "tunedModels/mine-1")).url).toContain("/v1beta/tunedModels/mine-1:");
  });

  it.each(["../models/x", "..", "a/b", "models/..", "x?key=1", "x#y", "x:countTokens", "%2e%2e", "", "é"])(
    "cannot be led elsewhere by a model named %j",
    (model) => {
      expect(errorOf(build({}, model))).toMatchObject({ kind: "invalid_input" });
    },
  );
});

describe("a chat's messages for Google", () => {
  it("gather all that the system says, wherever it says it", () => {
    const messages = [{ role: "system", content: "A" }, user, { role: "developer", content: "B" }];
    expect(sent({ messages })).toMatchObject({
      systemInstruction: { parts: [{ text: "A" }, { text: "B" }] },
      contents: [{ role: "user", parts: [{ text: "Hi" }] }],
    });
  });

  it.each([
    ["a text", { type: "text", text: "a" }, { text: "a" }],
    [
      "a picture's bytes",
      { type: "image_url", image_url: { url: "data:image/webp;base64,AAAA" } },
      inline("image/webp"),
    ],
    ["a picture's address", link("https://a.example/b.png"), file("https://a.example/b.png", "image/png")],
    ["an address that tells no type", link("https://a.example/b"), file("https://a.example/b")],
    [
      "an upload",
      { type: "file", file: { file_id: "https://google.example/v1beta/files/x" } },
      file("https://google.example/v1beta/files/x"),
    ],
    [
      "a document",
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA" } },
      inline("application/pdf"),
    ],
    ["a film", { type: "video_url", video_url: { url: "https://youtu.be/x" } }, file("https://youtu.be/x")],
    ["sound", { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }, inline("audio/wav")],
    [
      "a part of Google's own",
      { fileData: { fileUri: "gs://b/c" }, videoMetadata: { fps: 1 } },
      { fileData: { fileUri: "gs://b/c" }, videoMetadata: { fps: 1 } },
    ],
  ])("hold %s", (_, part, expected) => {
    expect(partsOf([part])).toEqual([expected]);
  });

  it("answer calls made at once in one content, and later calls in another", () => {
    const call = (id: string) => ({ id, type: "function", function: { name: `f_${id}`, arguments: "{}" } });
    const result = (id: string) => ({ role: "tool", tool_call_id: id, content: id });
    const messages = [
      user,
      { role: "assistant", content: "", tool_calls: [call("a"), call("b")] },
      result("a"),
      result("b"),
      { role: "assistant", content: "then", tool_calls: [call("c")] },
      result("c"),
    ];
    const { contents } = sent({ messages });
    expect(contents.map(({ role, parts }) => [role, parts.length])).toEqual([
      ["user", 1],
      ["model", 2],
      ["user", 2],
      ["model", 2],
      ["user", 1],
    ]);
    expect(contents[2]?.parts[1]).toEqual({
      functionResponse: { id: "b", name: "f_b", response: { output: "b" } },
    });
  });

  it("hand a tool's object over as it is, pictures in it or behind it, all else as its output", () => {
    const resultOf = (content: unknown, model?: string) =>
      sent({ messages: [user, { role: "tool", tool_call_id: "x", name: "f", content }] }, model).contents[1]
        ?.parts;
    const answer = (content: unknown) => resultOf(content)?.[0];
    expect(answer('{"a":1}')).toMatchObject({ functionResponse: { name: "f", response: { a: 1 } } });
    expect(answer("[1]")).toMatchObject({ functionResponse: { response: { output: "[1]" } } });
    const seen = [{ type: "text", text: "see" }, link("https://a.example/b.png")];
    const picture = file("https://a.example/b.png", "image/png");
    expect(resultOf(seen)).toMatchObject([{ functionResponse: { response: { output: "see" } } }, picture]);
    expect(answer(seen)).not.toHaveProperty("functionResponse.parts");
    expect(resultOf(seen, "gemini-3-pro")).toMatchObject([
      { functionResponse: { response: { output: "see" }, parts: [picture] } },
    ]);
  });

  it("leave out an assistant that said nothing", () => {
    expect(sent({ messages: [user, { role: "assistant", content: null }] }).contents).toHaveLength(1);
  });

  it.each([
    ["messages[1].role", [user, { role: "narrator", content: "x" }]],
    ["messages[0].content[0]", [{ role: "user", content: [{ type: "smell", smell: "x" }] }]],
    [
      "messages[0].tool_calls[0].function.arguments",
      [{ role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: "[1]" } }] }],
    ],
  ])("are refused where Google has nothing like them, naming %s", (path, messages) => {
    const failed = errorOf(build({ messages }));
    expect(failed.kind).toBe("invalid_input");
    expect(failed.message).toContain(path);
  });
});

describe("signatures of Gemini's thoughts", () => {
  const call = (id: string, signature?: string) => ({
    id,
    type: "function",
    function: { name: "f", arguments: "{}" },
    ...(signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } }),
  });
  const modelParts = (message: object, model: string) =>
    sent({ messages: [user, { role: "assistant", ...message }] }, model).contents[1]?.parts;

  it("go back with the call and with the text they came with", () => {
    const message = {
      content: "Well.",
      extra_content: { google: { thought_signature: "c2ln", parts: [{ executableCode: { code: "1" } }] } },
      tool_calls: [call("a", "Y2FsbA==")],
    };
    expect(modelParts(message, "gemini-3-pro-preview")).toEqual([
      { text: "Well.", thoughtSignature: "c2ln" },
      { executableCode: { code: "1" } },
      { functionCall: { id: "a", name: "f", args: {} }, thoughtSignature: "Y2FsbA==" },
    ]);
  });

  it("come back from an answer as they went into it", () => {
    const parts = [
      { text: "Well.", thoughtSignature: "c2ln" },
      { functionCall: { name: "f" }, thoughtSignature: "Y2FsbA==" },
    ];
    const text = JSON.stringify({ candidates: [{ content: { parts }, finishReason: "STOP" }] });
    const { choices } = JSON.parse(valueOf(chat.parseResponse(text, input)).body) as {
      choices: { message: object }[];
    };
    expect(modelParts(choices[0]?.message ?? {}, "gemini-3-pro-preview")).toEqual([
      parts[0],
      { functionCall: { id: "call_google_0", name: "f", args: {} }, thoughtSignature: "Y2FsbA==" },
    ]);
  });

  it.each([
    ["gemini-3-pro-preview", true],
    ["gemini-flash-latest", true],
    ["gemini-2.5-pro", false],
    ["gemini-1.5-flash", false],
    ["gemma-3-27b-it", false],
  ])("are made up for the first of another model's calls where Google insists: %s", (model, insists) => {
    const parts = modelParts({ tool_calls: [call("a"), call("b")] }, model);
    const made = insists ? { thoughtSignature: "skip_thought_signature_validator" } : {};
    expect(parts).toEqual([
      { functionCall: { id: "a", name: "f", args: {} }, ...made },
      { functionCall: { id: "b", name: "f", args: {} } },
    ]);
  });
});

describe("what steers Gemini", () => {
  it.each([
    [{ stop: ["a", "b"] }, { stopSequences: ["a", "b"] }],
    [{ max_tokens: 5, max_completion_tokens: 9 }, { maxOutputTokens: 9 }],
    [
      { n: 2, top_k: 40 },
      { candidateCount: 2, topK: 40 },
    ],
    [
      { logprobs: true, top_logprobs: 3 },
      { responseLogprobs: true, logprobs: 3 },
    ],
    [{ modalities: ["text", "image"] }, { responseModalities: ["TEXT", "IMAGE"] }],
    [{ response_format: { type: "json_object" } }, { responseMimeType: "application/json" }],
    [
      { response_format: { type: "json_schema", json_schema: { name: "a", schema: { type: "object" } } } },
      { responseMimeType: "application/json", responseJsonSchema: { type: "object" } },
    ],
    [
      { temperature: 1, generationConfig: { temperature: 0, mediaResolution: "LOW" } },
      { temperature: 0, mediaResolution: "LOW" },
    ],
  ])("is %j in Google's words", (change, config) => {
    expect(configOf(change)).toEqual(config);
  });

  it("has penalties where the model takes them", () => {
    const penalties = { presence_penalty: 1, frequency_penalty: 0.5 };
    const said = { presencePenalty: 1, frequencyPenalty: 0.5 };
    expect(configOf(penalties, "gemini-2.0-flash")).toEqual(said);
    expect(configOf(penalties, "gemini-3-pro")).toBeUndefined();
  });

  it("is left out where nothing is said", () => {
    expect(sent({ temperature: null, response_format: { type: "text" } })).toEqual({
      contents: [{ role: "user", parts: [{ text: "Hi" }] }],
    });
  });

  it.each([
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash", "low", { thinkingBudget: 1024, includeThoughts: true }],
    ["gemini-2.5-pro", "high", { thinkingBudget: 24_576, includeThoughts: true }],
    ["gemini-3-flash-preview", "none", { thinkingLevel: "minimal" }],
    ["gemini-3-flash-preview", "medium", { thinkingLevel: "medium", includeThoughts: true }],
    ["gemini-3-pro-preview", "minimal", { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-3-pro-preview", "xhigh", { thinkingLevel: "high", includeThoughts: true }],
  ])("is, for %s, the effort %s", (model, effort, thinkingConfig) => {
    expect(configOf({ reasoning_effort: effort }, model)).toEqual({ thinkingConfig });
  });

  it("is what extra_body.google says, as with Google's own compatible endpoint", () => {
    const own = { thinking_config: { thinking_budget: 5 }, cached_content: "cachedContents/x" };
    expect(sent({ reasoning_effort: "low", extra_body: { google: own } })).toMatchObject({
      generationConfig: { thinkingConfig: { thinking_budget: 5 } },
      cached_content: "cachedContents/x",
    });
  });

  it.each([
    ["none", { mode: "NONE" }],
    ["auto", { mode: "AUTO" }],
    ["required", { mode: "ANY" }],
    [
      { type: "function", function: { name: "f" } },
      { mode: "ANY", allowedFunctionNames: ["f"] },
    ],
    [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "f" } }] },
      },
      { mode: "VALIDATED", allowedFunctionNames: ["f"] },
    ],
  ])("is the choice of tools %j", (choice, functionCallingConfig) => {
    const tools = [{ type: "function", function: { name: "f" } }];
    expect(sent({ tools, tool_choice: choice })["toolConfig"]).toEqual({ functionCallingConfig });
  });

  it("is a search where one is asked for", () => {
    expect(sent({ web_search_options: {} })["tools"]).toEqual([{ googleSearch: {} }]);
  });

  it.each(["user", "store", "metadata", "parallel_tool_calls", "logit_bias", "stream_options"])(
    "is not %s, which Google would refuse",
    (name) => {
      expect(sent({ [name]: {} })).not.toHaveProperty(name);
    },
  );

  it("is a tier of service only where one is wished for", () => {
    expect(sent({ service_tier: "auto" })).not.toHaveProperty("service_tier");
    expect(sent({ service_tier: "flex" })).toHaveProperty("service_tier", "flex");
  });
});

describe("Gemini's answers", () => {
  const answer = (candidate: object) => {
    const text = JSON.stringify({ candidates: [candidate], responseId: "r1", modelVersion: "gemini-x" });
    return JSON.parse(valueOf(chat.parseResponse(text, input)).body) as { choices: { message: object }[] };
  };

  it.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["OTHER", "stop"],
    ["SOME_NEW_REASON", "stop"],
  ])("end for the reason %s as %s", (finishReason, expected) => {
    expect(answer({ content: { parts: [{ text: "a" }] }, finishReason }).choices[0]).toMatchObject({
      finish_reason: expected,
      message: { content: "a" },
    });
  });

  it("are dated and named, and keep thoughts, pictures and Google's own word apart from the text", () => {
    const parts = [
      { text: "Hm. ", thought: true },
      { text: "Here: " },
      { inlineData: { mimeType: "image/png", data: "AAAA" } },
      { executableCode: { language: "PYTHON", code: "1" } },
      { text: "done." },
    ];
    const groundingMetadata = { webSearchQueries: ["q"] };
    expect(answer({ content: { parts }, finishReason: "STOP", groundingMetadata })).toEqual({
      id: "r1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "gemini-x",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: "Here: done.",
            reasoning_content: "Hm. ",
            images: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }],
            extra_content: { google: { groundingMetadata, parts: [parts[3]] } },
          },
          finish_reason: "stop",
        },
      ],
      usage: null,
    });
  });

  it("hold calls with ids, Google's or ones of this answer", () => {
    const parts = [
      { functionCall: { name: "f", args: { a: 1 }, id: "own" } },
      { functionCall: { name: "g" } },
    ];
    expect(answer({ content: { parts }, finishReason: "STOP" }).choices[0]).toEqual({
      index: 0,
      message: {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "own", type: "function", function: { name: "f", arguments: '{"a":1}' } },
          { id: "call_r1_1", type: "function", function: { name: "g", arguments: "{}" } },
        ],
      },
      finish_reason: "tool_calls",
    });
  });

  it("tell how likely their tokens were", () => {
    const logprobsResult = {
      chosenCandidates: [{ token: "a", tokenId: 7, logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: "a", logProbability: -0.5 },
            { token: "b", logProbability: -1 },
          ],
        },
      ],
    };
    const candidate = { content: { parts: [{ text: "a" }] }, finishReason: "STOP", logprobsResult };
    const token = (name: string, logprob: number) => ({ token: name, logprob, bytes: null });
    expect(answer(candidate).choices[0]).toMatchObject({
      message: { role: "assistant", content: "a" },
      logprobs: { content: [{ ...token("a", -0.5), top_logprobs: [token("a", -0.5), token("b", -1)] }] },
    });
  });

  it("are a refusal where the prompt was blocked", () => {
    const text = '{"promptFeedback":{"blockReason":"SAFETY"}}';
    expect(JSON.parse(valueOf(chat.parseResponse(text, input)).body)).toMatchObject({
      choices: [
        {
          message: { content: null, refusal: "Google blocked the prompt: SAFETY." },
          finish_reason: "content_filter",
        },
      ],
    });
  });
});

describe("Gemini's streams", () => {
  const event = (...candidates: object[]) => JSON.stringify({ candidates, responseId: "r1" });
  const said = (text: string, more = {}) => ({ content: { parts: [{ text }] }, ...more });
  const read = (...data: string[]) => {
    const reader = chat.readStream?.(input);
    if (!reader) throw new Error("no stream");
    const came = data.map((each) => reader({ name: undefined, data: each }));
    return { came, end: reader.end?.() ?? [] };
  };
  const chunksOf = (events: readonly StreamEvent[]) =>
    events.flatMap((each) =>
      "emit" in each
        ? cutEvents(each.emit ?? "").events.map((text) => JSON.parse(readData(text) ?? "") as unknown)
        : [],
    );

  it("tell the reason to stop once, at the end, though every event has one", () => {
    const { came, end } = read(
      event(said("a", { finishReason: "STOP" })),
      event(said("b", { finishReason: "MAX_TOKENS" })),
    );
    expect(JSON.stringify(chunksOf(came))).not.toMatch(/"finish_reason":"/);
    expect(chunksOf(end.slice(0, 1))).toMatchObject([
      { choices: [{ index: 0, delta: {}, finish_reason: "length" }] },
    ]);
    expect(end.at(-1)).toEqual({ kind: "done", emit: "data: [DONE]\n\n" });
  });

  it("are broken where they end before a reason to", () => {
    expect(read(event(said("a"))).end).toEqual([]);
    expect(read().end).toEqual([]);
    expect(read(event(said("a", { index: 0, finishReason: "STOP" }), said("b", { index: 1 }))).end).toEqual(
      [],
    );
  });

  it("keep several candidates apart, each with a role, its calls and its end", () => {
    const call = { content: { parts: [{ functionCall: { name: "f" } }] }, index: 1 };
    const { came, end } = read(
      event(said("a", { index: 0 }), call),
      event(call),
      event({ index: 0, finishReason: "STOP" }, { index: 1, finishReason: "STOP" }),
    );
    expect(chunksOf(came)).toMatchObject([
      {
        choices: [
          { index: 0, delta: { role: "assistant", content: "a" } },
          { index: 1, delta: { role: "assistant", tool_calls: [{ index: 0, id: "call_r1_0" }] } },
        ],
      },
      { choices: [{ index: 1, delta: { tool_calls: [{ index: 1, id: "call_r1_1" }] } }] },
    ]);
    expect(chunksOf(end.slice(0, 1))).toMatchObject([
      {
        choices: [
          { index: 0, finish_reason: "stop" },
          { index: 1, finish_reason: "tool_calls" },
        ],
      },
    ]);
  });

  it("believe the last of the counts, which add up as they go", () => {
    const counted = (candidatesTokenCount: number) =>
      JSON.stringify({
        candidates: [said("a", { finishReason: "STOP" })],
        usageMetadata: { candidatesTokenCount },
      });
    const { end } = read(counted(1), counted(7));
    expect(end.find(({ kind }) => kind === "usage")).toMatchObject({
      usage: { completion_tokens: 7 },
      only: true,
    });
  });
});

describe("Google's embeddings", () => {
  it("cannot be asked for by tokens or pictures", () => {
    for (const tokens of [[1, 2], [[1, 2]], [{ image: "QUJD" }]]) {
      const built = embeddings.buildRequest({ model: "e", input: tokens }, "m", connection);
      expect(errorOf(built).message).toContain("input");
    }
  });

  it("are packed as OpenAI packs them where the client asks for that", () => {
    const text = '{"embeddings":[{"values":[0.5,-1]}]}';
    const asked = { model: "e", input: "a", encoding_format: "base64" } as const;
    const { data } = JSON.parse(valueOf(embeddings.parseResponse(text, asked)).body) as {
      data: { embedding: string }[];
    };
    const bytes = Uint8Array.from(atob(data[0]?.embedding ?? ""), (char) => char.charCodeAt(0));
    expect([...new Float32Array(bytes.buffer)]).toEqual([0.5, -1]);
  });
});

describe("readRefusal", () => {
  const refusal = (status: string, details: readonly object[] = []) =>
    JSON.stringify({ error: { code: 0, message: "m", status, details } });

  it.each([
    [
      "a key Google does not know",
      400,
      refusal("INVALID_ARGUMENT", [{ reason: "API_KEY_INVALID" }]),
      { status: 401 },
    ],
    ["a place Google does not serve", 400, refusal("FAILED_PRECONDITION"), { status: 403 }],
    ["the client's mistake", 400, refusal("INVALID_ARGUMENT", [{ fieldViolations: [] }]), {}],
    [
      "a wait",
      429,
      refusal("RESOURCE_EXHAUSTED", [{ quotaId: "x" }, { retryDelay: "34.07s" }]),
      { retryAfterMs: 34_070 },
    ],
    ["a wait without sense", 429, refusal("RESOURCE_EXHAUSTED", [{ retryDelay: "soon" }]), {}],
    ["a page of HTML", 502, "<html>", {}],
    ["another shape", 400, '{"error":"no"}', {}],
  ])("reads %s", (_, status, text, expected) => {
    expect(readRefusal(status, text)).toEqual(expected);
  });
});

function inline(mimeType: string) {
  return { inlineData: { mimeType, data: "AAAA" } };
}
function link(url: string) {
  return { type: "image_url", image_url: { url } };
}
function file(fileUri: string, mimeType?: string) {
  return { fileData: mimeType === undefined ? { fileUri } : { mimeType, fileUri } };
}
