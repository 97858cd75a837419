import { describe, expect, it } from "vitest";
import { readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const targetOf = (response: Response) => response.headers.get("x-headrace-target");

describe("conditions", () => {
  it("choose the target by what a request says of itself", async () => {
    const body = { model: "sorted", messages: says("Where?") };
    const ofTeam = await app.chat(body, { "x-headrace-metadata": '{"team":"search"}' });
    expect(targetOf(ofTeam)).toBe("targets[0]=primary/big");
    const withTools = await app.chat({
      ...body,
      tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
    });
    expect(targetOf(withTools)).toBe("targets[1]=secondary/small");
    const long = await app.chat({ model: "sorted", messages: says("of it ".repeat(1000)) });
    expect(targetOf(long)).toBe("targets[1]=secondary/small");
  });

  it("give each target its own cached answer, however often the same text is asked", async () => {
    const body = { model: "sorted", messages: says("Twice?"), tools: [{ type: "function" }], temperature: 0 };
    for (let time = 0; time < 3; time++) {
      expect(targetOf(await app.chat(body, { "x-headrace-metadata": '{"team":"search"}' }))).toContain(
        "primary",
      );
      expect(targetOf(await app.chat(body))).toContain("secondary");
    }
    expect(await app.primary.requests()).toHaveLength(1);
    expect(await app.secondary.requests()).toHaveLength(1);
  });

  it("refuse what no target takes, without a call, and without a word of what they are", async () => {
    for (const model of ["sorted", "closed"]) {
      for (const stream of [false, true]) {
        const response = await app.chat({ model, stream, messages: says("Hi") });
        expect(response.status).toBe(422);
        const error = await readError(response);
        expect(error).toMatchObject({ code: "model_input_invalid", retryable: false });
        expect(error.message).not.toMatch(/team|globex/);
      }
    }
    const job = await app.post(
      "/v1/chat/completions",
      { model: "closed", messages: says("Hi") },
      { "idempotency-key": "c-1" },
    );
    expect(job.status).toBe(422);
    expect([...(await app.primary.requests()), ...(await app.secondary.requests())]).toEqual([]);
  });
});

describe("a context window", () => {
  it("leaves a target out that has no room, in each API of chats", async () => {
    const long = "of it ".repeat(2000);
    const responses = await Promise.all([
      app.chat({ model: "windowed", messages: says(long) }),
      app.post("/v1/responses", { model: "windowed", input: long }),
      app.post("/v1/messages", { model: "windowed", max_tokens: 10, messages: says(long) }),
    ]);
    expect(responses.map(targetOf)).toEqual(responses.map(() => "targets[1]=secondary/small"));
    expect(targetOf(await app.chat({ model: "windowed", messages: says("Hi") }))).toBe(
      "targets[0]=primary/big",
    );
    expect(await app.primary.requests()).toHaveLength(1);
  });
});
