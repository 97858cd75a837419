import { describe, expect, it } from "vitest";
import { ERRORS, type ErrorCode, isRetryable } from "../../../worker/contract/errors.ts";
import type { RefusalWords } from "../../../worker/domain/routing/refusal-words.ts";
import {
  failure,
  failureOfRefusal,
  summariseFailures,
  type UpstreamFailure,
} from "../../../worker/domain/routing/upstream-failure.ts";

const WORDS = "the provider's own words";
const refuse = (status: number, words: RefusalWords = { message: WORDS }) =>
  failureOfRefusal({ status, words });
/** As the log names a refusal: by the provider's code or type. */
const writeNames = ({ code, type }: RefusalWords) => ((code ?? type) ? ` (${code ?? type})` : "");
const bare = (status: number, retryAfterMs?: number) => failureOfRefusal({ status, retryAfterMs });

describe("failureOfRefusal on what the client caused", () => {
  it.each<[number, ErrorCode]>([
    [400, "invalid_request"],
    [413, "payload_too_large"],
    [422, "model_input_invalid"],
  ])("passes %i on as %s, in the provider's words, and tries no other target", (status, code) => {
    const { error, tryNext } = refuse(status);
    expect(tryNext).toBe(false);
    expect(error).toMatchObject({ code, message: WORDS });
    expect(ERRORS[code].status).toBe(status);
  });

  it("passes the provider's code and field on, but no mere kind of error", () => {
    const code = "unsupported_value";
    expect(refuse(400, { message: WORDS, code, param: "temperature" }).error).toMatchObject({
      code: "invalid_request",
      providerCode: code,
      param: "temperature",
    });
    for (const kind of ["invalid_request_error", "BadRequestError", "1500", "Some words of it"]) {
      expect(refuse(400, { message: WORDS, code: kind }).error).not.toHaveProperty("providerCode");
    }
  });

  it("leaves the words to the table where the provider had none", () => {
    expect(bare(400).error).toEqual({ code: "invalid_request", reason: "status 400" });
  });
});

describe("failureOfRefusal on a conversation that is too long", () => {
  it.each<[string, number, RefusalWords]>([
    [
      "OpenAI",
      400,
      { code: "context_length_exceeded", message: "Please reduce the length.", param: "messages" },
    ],
    [
      "DeepSeek",
      400,
      { code: "invalid_request_error", message: "This model's maximum context length is 65536 tokens." },
    ],
    [
      "Anthropic",
      400,
      { type: "invalid_request_error", message: "prompt is too long: 202095 tokens > 200000 maximum" },
    ],
    [
      "Anthropic with its reply",
      400,
      { message: "input length and `max_tokens` exceed context limit: 199759 + 8192 > 200000" },
    ],
    [
      "Gemini",
      400,
      { message: "The input token count (1300000) exceeds the maximum number of tokens allowed (1048576)." },
    ],
    [
      "llama.cpp",
      400,
      { type: "exceed_context_size_error", message: "the request exceeds the available context size" },
    ],
    [
      "SiliconFlow",
      400,
      { message: "length of prompt_tokens (163280) must be less than max_seq_len (32768)." },
    ],
    [
      "GitHub's models",
      413,
      { code: "tokens_limit_reached", message: "Request body too large. Max size: 8000 tokens." },
    ],
    [
      "xAI",
      400,
      { message: "This model's maximum prompt length is 131072 but the request contains 537812 tokens." },
    ],
    [
      "vLLM",
      400,
      { message: "The decoder prompt (length 10061) is longer than the maximum model length of 8192." },
    ],
    ["Groq", 413, { message: "Please reduce the length of the messages or completion." }],
    ["Cohere", 400, { message: "too many tokens: the prompt cannot exceed 4081" }],
    ["Z.ai", 400, { code: "1261", message: "Prompt exceeds max length" }],
    ["LM Studio", 400, { message: "the model is loaded with context length of only 4096 tokens" }],
    [
      "text-generation-inference",
      422,
      { message: "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000" },
    ],
    ["text-embeddings-inference", 413, { message: "`inputs` must have less than 512 tokens. Given: 600" }],
    ["Bedrock", 400, { message: "Input is too long for requested model." }],
    ["a server that answers 500", 500, { message: "Requested tokens exceed context window of 4096" }],
  ])("knows it in the words of %s, and tries the next target", (_, status, words) => {
    const { error, tryNext } = refuse(status, words);
    expect(tryNext).toBe(true);
    expect(error).toMatchObject({ code: "context_length_exceeded", message: words.message });
    expect(ERRORS[error.code]).toMatchObject({ status: 400, retryable: false });
  });
});

describe("failureOfRefusal on the deployment's own account", () => {
  it.each<[string, number, RefusalWords]>([
    [
      "a hard limit",
      400,
      { code: "billing_hard_limit_reached", message: "Billing hard limit has been reached" },
    ],
    ["no quota", 429, { code: "insufficient_quota", message: "You exceeded your current quota." }],
    ["no quota, as a type", 429, { type: "insufficient_quota", message: "You exceeded your current quota." }],
    [
      "an account that is not active",
      429,
      { code: "billing_not_active", message: "Your account is not active" },
    ],
    ["no balance", 400, { message: "Insufficient Balance" }],
    ["no credit", 400, { message: "Your credit balance is too low to access the API." }],
    ["arrears", 400, { code: "Arrearage", message: "Access denied, please see to your account." }],
    ["a key that is refused with 400", 400, { message: "Incorrect API key provided: [redacted]" }],
    ["a suspended account", 412, { message: "Account acme is suspended: spending limit exceeded" }],
    ["no key", 401, { message: WORDS }],
    ["no payment", 402, { message: WORDS }],
    ["no right", 403, { message: WORDS }],
  ])("%s: the next target, 502 for the client, and no repeat", (_, status, words) => {
    const { error, tryNext } = failureOfRefusal({ status, words, retryAfterMs: 9000 });
    expect(tryNext).toBe(true);
    expect(error).toEqual({
      code: "upstream_error",
      reason: `status ${status}${writeNames(words)}; see to the provider's account or key`,
      quote: words.message,
      retryable: false,
    });
    expect(isRetryable(error)).toBe(false);
  });

  it("is not to blame for a quota of a minute, whatever that is called", () => {
    const words = { message: "You exceeded your current quota, please check your plan and billing details." };
    expect(failureOfRefusal({ status: 429, words, retryAfterMs: 34_000 })).toEqual({
      tryNext: true,
      error: {
        code: "rate_limited",
        reason: "status 429",
        quote: words.message,
        retryAfterMs: 34_000,
      },
    });
  });

  it("is not to blame for a prompt about bills", () => {
    const message = "Invalid 'tools[0].function.name': 'get billing' has a space";
    expect(refuse(400, { message })).toMatchObject({ tryNext: false, error: { code: "invalid_request" } });
  });
});

describe("failureOfRefusal on a target that is set up wrongly", () => {
  const MODELS: readonly RefusalWords[] = [
    { code: "model_not_found", message: "The model `gpt-9` does not exist or you do not have access to it." },
    { code: "DeploymentNotFound", message: "The API deployment for this resource does not exist." },
    { message: 'model "llama9" not found, try pulling it first' },
    { message: "models/gemini-9 is not found for API version v1beta" },
    { type: "not_found_error", message: "model: claude-9" },
    { message: "No endpoints found for acme/model-9." },
  ];

  it.each(MODELS)(
    "goes on after a 404 for a model, which the client hears of where it named that: $message",
    (words) => {
      const own = failureOfRefusal({ status: 404, words });
      expect(own).toMatchObject({ tryNext: true, error: { code: "upstream_error", retryable: false } });
      expect(own.error).not.toHaveProperty("message");
      expect(own.error.reason).toContain("correct the target's");
      expect(failureOfRefusal({ status: 404, words, modelFrom: "client" })).toMatchObject({
        tryNext: true,
        error: { code: "model_not_found", message: words.message },
      });
    },
  );

  it.each<[number, RefusalWords]>([
    [400, { code: "1500", type: "invalid_model", message: "Invalid model: mistral-9" }],
    [400, { message: "acme/model-9 is not a valid model ID" }],
    [400, { code: "model_decommissioned", message: "The model `llama2` has been decommissioned" }],
  ])("does so after a %i, too", (status, words) => {
    expect(failureOfRefusal({ status, words }).error.reason).toContain("correct the target's");
  });

  it.each<RefusalWords>([
    {},
    { message: "Not Found" },
    { message: "404 page not found" },
    { message: "Unknown request URL: POST /chat/completions. The model is not the matter." },
    { code: "unknown_url", message: "Invalid URL (POST /v1/v1/models)" },
  ])("takes any other 404 for a wrong path, whoever named the model: %j", (words) => {
    for (const modelFrom of ["route", "client"] as const) {
      const { error, tryNext } = failureOfRefusal({ status: 404, words, modelFrom });
      expect([tryNext, error.code, error.retryable]).toEqual([true, "upstream_error", false]);
      expect(error.reason).toContain("is the base URL right");
    }
  });
});

describe("failureOfRefusal on what is nobody's fault", () => {
  it.each<[number, ErrorCode]>([
    [301, "upstream_error"],
    [307, "upstream_error"],
    [405, "upstream_error"],
    [408, "upstream_timeout"],
    [409, "upstream_error"],
    [418, "upstream_error"],
    [424, "upstream_error"],
    [429, "rate_limited"],
    [500, "upstream_error"],
    [502, "upstream_error"],
    [503, "upstream_error"],
    [504, "upstream_timeout"],
    [529, "overloaded"],
  ])("tries the next target after %i, and calls it %s", (status, code) => {
    const { error, tryNext } = refuse(status);
    expect(tryNext).toBe(true);
    expect(error).toEqual({ code, reason: `status ${status}`, quote: WORDS });
    expect(isRetryable(error)).toBe(true);
  });

  it.each([408, 429, 503, 504])("keeps what %i asks for by Retry-After", (status) => {
    expect(failureOfRefusal({ status, retryAfterMs: 2000 }).error.retryAfterMs).toBe(2000);
  });

  it("passes a quota of tokens a minute that a 413 tells on to the next target", () => {
    expect(refuse(413, { code: "rate_limit_exceeded", message: WORDS }).tryNext).toBe(true);
  });

  it.each([429, 500, 503])("passes on how long to wait after a %i", (status) => {
    expect(bare(status, 2500).error.retryAfterMs).toBe(2500);
    expect(bare(status).error).not.toHaveProperty("retryAfterMs");
  });
});

const throttled = (retryAfterMs?: number) => bare(429, retryAfterMs);
const broken = failure("upstream_error", "reset");
const unpaid = bare(402);
const tooLong = refuse(400, { code: "context_length_exceeded", message: WORDS });

describe("summariseFailures", () => {
  it("passes a single failure on as it is", () => {
    expect(summariseFailures([throttled(1000)])).toEqual(throttled(1000).error);
    expect(summariseFailures([broken])).toEqual({ code: "upstream_error", reason: "reset" });
  });

  it.each<[string, UpstreamFailure[], ErrorCode, boolean]>([
    ["throttled everywhere is still throttled", [throttled(), throttled()], "rate_limited", true],
    ["throttled here and broken there is all failed", [throttled(), broken], "all_targets_failed", true],
    ["broken everywhere is all failed", [broken, broken], "all_targets_failed", true],
    ["no target at all is all failed", [], "all_targets_failed", true],
    ["unpaid here and broken there may be mended by a repeat", [unpaid, broken], "all_targets_failed", true],
    ["unpaid everywhere is not", [unpaid, unpaid], "all_targets_failed", false],
    ["too long here and broken there is too long", [broken, tooLong], "context_length_exceeded", false],
  ])("%s", (_, failures, code, retryable) => {
    const error = summariseFailures(failures);
    expect([error.code, isRetryable(error)]).toEqual([code, retryable]);
  });

  it("asks to wait for whichever target is ready first", () => {
    expect(summariseFailures([throttled(9000), throttled(2000), broken]).retryAfterMs).toBe(2000);
    expect(summariseFailures([broken, broken])).not.toHaveProperty("retryAfterMs");
  });

  it("gathers the reasons for the logs, and tells the client none of them", () => {
    const summary = summariseFailures([throttled(), broken]);
    expect(summary.reason).toBe("status 429; reset");
    expect(summary).not.toHaveProperty("message");
  });
});

describe("failureOfRefusal on a provider that is at its limit", () => {
  it.each<[string, number, RefusalWords]>([
    ["Anthropic", 529, { type: "overloaded_error", message: "Overloaded" }],
    ["Anthropic, without a body", 529, {}],
    ["Anthropic, behind a proxy", 500, { type: "overloaded_error", message: "Overloaded" }],
    ["Google", 503, { message: "The model is overloaded. Please try again later." }],
    ["Google, newer", 503, { message: "This model is currently experiencing high demand." }],
    ["OpenAI", 503, { code: "server_is_overloaded", message: "Our servers are currently overloaded." }],
    ["OpenAI, to those who ask more than before", 503, { code: "slow_down", message: "Slow down." }],
    ["Bedrock", 503, { message: "Bedrock is unable to process your request." }],
    ["Groq", 498, { message: "Flex tier capacity exceeded" }],
    ["DeepSeek", 503, { message: "Server Overloaded" }],
  ])("is told as that, and has the next target tried: %s", (_, status, words) => {
    const failed = failureOfRefusal({ status, words, retryAfterMs: 7000 });
    expect(failed).toMatchObject({ tryNext: true, error: { code: "overloaded", retryAfterMs: 7000 } });
    expect(isRetryable(failed.error)).toBe(true);
  });

  it("passes on the codes by which OpenAI's clients know it, and no words", () => {
    const { error } = refuse(503, { code: "server_is_overloaded", message: WORDS });
    expect(error).toMatchObject({ providerCode: "server_is_overloaded" });
    expect(error).not.toHaveProperty("message");
    expect(refuse(503, { code: "overloaded", message: WORDS }).error).not.toHaveProperty("providerCode");
  });

  it("is no mere failure, nor a limit of the account's", () => {
    expect(bare(503).error.code).toBe("upstream_error");
    expect(refuse(429, { message: "The engine is overloaded." }).error.code).toBe("rate_limited");
    expect(refuse(400, { message: "The function overloaded() is not known." }).error.code).toBe(
      "invalid_request",
    );
  });

  it("is told where all targets are, after the shortest wait of theirs", () => {
    const each = [9000, 4000].map((retryAfterMs) => failureOfRefusal({ status: 529, retryAfterMs }));
    expect(summariseFailures(each)).toMatchObject({ code: "overloaded", retryAfterMs: 4000 });
    expect(summariseFailures([...each, bare(500)])).toMatchObject({ code: "all_targets_failed" });
  });
});
