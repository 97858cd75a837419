import { describe, expect, it } from "vitest";
import { readExplained } from "../../../worker/domain/requests/read-explained.ts";
import { openWorld } from "../flow-services.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const { catalog } = openWorld().release;
const read = (json: unknown) => readExplained(json, catalog);
const namesOf = (task: string) => [...catalog.routes.values()].find((route) => route.task === task)?.name;

describe("what is to be explained", () => {
  it("is a request as it is, whose task its form or its route tells", () => {
    const chat = { model: "any/model", messages: [] };
    expect(valueOf(read(chat))).toEqual({ task: "chat", input: chat, isWithin: false });
    expect(valueOf(read({ query: "q", documents: [] })).task).toBe("rerank");
    expect(valueOf(read({ model: namesOf("embeddings"), input: ["a", "b"] })).task).toBe("embeddings");
    expect(valueOf(read({ model: namesOf("chat"), input: "a" })).task).toBe("responses");
  });

  it("is the input of a body as jobs have it, with its labels, whatever else is there", () => {
    const input = { model: "chat", messages: [] };
    const body = { task: "messages", input, priority: "economy", metadata: { team: "a" }, retain_for: 60 };
    expect(valueOf(read(body))).toMatchObject({
      task: "messages",
      input,
      priority: "economy",
      metadata: { team: "a" },
      isWithin: true,
    });
    expect(valueOf(read({ input })).task).toBe("chat");
  });

  it("takes a field of the request called task for what it is there", () => {
    const jina = { model: namesOf("embeddings"), input: ["a"], task: "retrieval.query" };
    expect(valueOf(read(jina))).toEqual({ task: "embeddings", input: jina, isWithin: false });
  });

  it.each([
    ["of a provider's own model, where the form says too little", { model: "one/big", input: "a" }],
    ["of a name that every object has", { model: "constructor", input: "a" }],
    ["without a model", { prompt: "a" }],
    ["of a task that there is not", { task: "poems", input: { model: "chat" } }],
  ])("is to say its task: one %s", (_, body) => {
    expect(errorOf(read(body))).toMatchObject({ code: "invalid_request", param: "task" });
  });

  it.each([[[]], ["text"], [null], [5]])("is no %j", (json) => {
    expect(errorOf(read(json))).toMatchObject({ code: "invalid_request" });
  });
});
