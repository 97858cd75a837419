import { describe, expect, it } from "vitest";
import { suggestPath } from "../../../worker/http/suggest-path.ts";

const ORIGIN = "https://gateway.example";

describe("suggestPath", () => {
  it.each([
    ["/chat/completions", "/v1/chat/completions", `${ORIGIN}/v1`],
    ["/v1/v1/chat/completions", "/v1/chat/completions", `${ORIGIN}/v1`],
    ["/v1/chat/completions/chat/completions", "/v1/chat/completions", `${ORIGIN}/v1`],
    ["/openai/v1/embeddings/", "/v1/embeddings", `${ORIGIN}/v1`],
    ["/api/rerank", "/v1/rerank", `${ORIGIN}/v1`],
    ["/models", "/v1/models", `${ORIGIN}/v1`],
    ["/v1/v1/messages", "/v1/messages", ORIGIN],
    ["/v1/v1/messages/count_tokens", "/v1/messages/count_tokens", ORIGIN],
    ["/messages", "/v1/messages", ORIGIN],
    ["/audio/transcriptions", "/v1/audio/transcriptions", `${ORIGIN}/v1`],
  ])("takes %s for %s, and says which base URL to set", (asked, path, baseUrl) => {
    const found = suggestPath(`${ORIGIN}${asked}?a=b`);
    expect(found?.path).toBe(path);
    expect(found?.message).toContain(`nothing at ${asked}; ${path} is meant`);
    expect(found?.message).toMatch(new RegExp(`base URL to ${baseUrl}\\.$`));
  });

  it.each(["/", "/v1", "/nothing", "/v1/chat", "/healthz/x", "/premodels"])("has no idea of %s", (path) => {
    expect(suggestPath(ORIGIN + path)).toBeUndefined();
  });

  it("repeats no more of a path than fits a line", () => {
    expect(suggestPath(`${ORIGIN}/${"x".repeat(5000)}/models`)?.message.length).toBeLessThan(300);
  });
});
