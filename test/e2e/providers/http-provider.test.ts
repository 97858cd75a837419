import { describe, expect, it } from "vitest";
import { embed } from "../../helpers/fake-provider/embeddings.ts";
import { findFact, readError, says, useDeployment } from "../deployment.ts";

const app = useDeployment();
const target = (response: Response) => response.headers.get("x-headrace-target");

describe("a model server with JSON of its own", () => {
  it("gets the inputs and what the config adds, and answers embeddings in OpenAI's shape", async () => {
    const body = { model: "mine-embed", input: ["one", "two"], user: "u1" };
    const response = await app.embed(body);
    expect(await response.json()).toEqual({
      object: "list",
      model: "mine-embed",
      data: ["one", "two"].map((text, index) => ({
        object: "embedding",
        index,
        embedding: [...embed(text)],
      })),
    });
    const [received] = await app.primary.requests();
    expect(received).toMatchObject({ path: "/v1/embed", body: { inputs: ["one", "two"], normalize: true } });
    expect(Object.keys(received?.body as object)).toHaveLength(2);
    expect(received?.headers["authorization"]).toBe("Bearer sk-primary-secret");
  });

  it("packs vectors for clients that ask for base64, as OpenAI's own does", async () => {
    const response = await app.embed({ model: "mine-embed", input: "packed", encoding_format: "base64" });
    const { data } = (await response.json()) as { data: { embedding: string }[] };
    const bytes = Buffer.from(data[0]?.embedding ?? "", "base64");
    expect(bytes.readFloatLE(0)).toBe(embed("packed")[0]);
  });

  it("answers classify, with the target's model where the config names its field", async () => {
    const response = await app.post("/v1/classify", {
      model: "mine-classify",
      input: ["short", "x".repeat(30)],
    });
    const { data } = (await response.json()) as { data: { label: string }[] };
    expect(data.map(({ label }) => label)).toEqual(["short", "long"]);
    const [received] = await app.primary.requests();
    expect(received?.body).toMatchObject({ model: "tiny" });
  });

  it("answers rerank, best first", async () => {
    const documents = ["nothing", "the sky is blue", "the sky"];
    const body = { model: "mine-rerank", query: "the blue sky", documents, top_n: 2, return_documents: true };
    expect(await (await app.post("/v1/rerank", body)).json()).toMatchObject({
      model: "mine-rerank",
      results: [
        { index: 1, relevance_score: 3, document: { text: "the sky is blue" } },
        { index: 2, relevance_score: 2, document: { text: "the sky" } },
      ],
    });
  });

  it("answers chat, and is recorded by an estimate", async () => {
    const response = await app.chat(
      { model: "mine-chat", messages: says("hello") },
      { "x-request-id": "mine" },
    );
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: "echo: hello" } }] });
    expect(target(response)).toBe("targets[0]=mine/tiny");
    expect(await findFact(app.gateway, "answer", "mine")).toMatchObject({ usage: { estimated: true } });
  });

  it("is passed over where a stream is asked for, which it has not", async () => {
    const response = await app.chat({ model: "mine-chat", messages: says("hi"), stream: true });
    expect(target(response)).toBe("targets[1]=secondary/small");
    expect(await response.text()).toContain("[DONE]");
    expect(await app.primary.requests()).toHaveLength(0);
  });

  it("is passed over when it gives fewer outputs than inputs: the next target answers", async () => {
    await app.primary.fault({ kind: "items", change: "drop-last" });
    const response = await app.embed({ model: "mine-embed-fallback", input: ["a", "b"] });
    expect(response.status).toBe(200);
    expect(target(response)).toBe("targets[1]=embedded/words-en");
  });

  it("is a 502 when no other target can answer", async () => {
    await app.primary.fault({ kind: "items", change: "drop-last" });
    const response = await app.embed({ model: "mine-embed", input: ["c", "d"] });
    expect(response.status).toBe(502);
    expect((await readError(response)).code).toBe("upstream_invalid_response");
  });

  it("says which field the client may not use", async () => {
    const response = await app.embed({ model: "mine-embed", input: "a", dimensions: 3 });
    expect(response.status).toBe(422);
    expect((await readError(response)).message).toContain("'dimensions'");
    expect(await app.primary.requests()).toHaveLength(0);
  });
});
