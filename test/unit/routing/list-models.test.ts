import { describe, expect, it } from "vitest";
import { type ConfigInput, secret, variable } from "../../../worker/contract/config/config.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildCatalog } from "../../../worker/domain/routing/catalog.ts";
import { findModel, listModels } from "../../../worker/domain/routing/list-models.ts";
import { nameModel } from "../../../worker/domain/routing/name-model.ts";
import { ok } from "../../../worker/domain/result.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const local = { kind: "local" as const, answer: () => ok({ body: "{}", usage: null }) };
const registry = buildRegistry({
  words: {
    runsIn: "worker",
    adapter: () => ({
      embeddings: local,
      rerank: local,
      models: { embeddings: ["words-en"], rerank: ["words-en", "words-fr"] },
    }),
  },
});
const cloud = { provider: "cloud", model: "big" };
const config: ConfigInput = {
  providers: {
    cloud: { kind: "openai", baseUrl: variable("CLOUD_URL", "https://cloud.example/v1"), direct: true },
    kept: { kind: "openai", baseUrl: variable("CLOUD_URL", "https://cloud.example/v1") },
    unset: { kind: "openai", preset: "openai", apiKey: secret("UNSET"), direct: true },
    words: { kind: "words" },
  },
  routes: {
    chat: { task: "chat", targets: [cloud] },
    moderate: { task: "moderations", targets: [cloud] },
    draw: { task: "images", targets: [cloud] },
    "draw-well": { task: "images", targets: [cloud] },
    lacking: { task: "chat", targets: [{ provider: "unset", model: "gpt" }] },
  },
};
const catalogOf = (input: ConfigInput) =>
  buildCatalog(valueOf(parseConfig(input, registry)), registry, () => undefined);
const catalog = catalogOf(config);

describe("listModels", () => {
  it("lists the routes that can be used, then the known models of direct providers, each once", () => {
    expect(listModels(catalog).map(({ name, owner, task }) => [name, owner, task])).toEqual([
      ["chat", "headrace", "chat"],
      ["moderate", "headrace", "moderations"],
      ["draw", "headrace", "images"],
      ["draw-well", "headrace", "images"],
      ["words/words-en", "words", "embeddings"],
      ["words/words-fr", "words", "rerank"],
    ]);
  });
});

describe("findModel", () => {
  it.each([
    ["chat", "headrace"],
    ["words/words-fr", "words"],
    ["cloud/meta/llama-3", "cloud"],
  ])("finds %s, which is %s's", (name, owner) => {
    expect(valueOf(findModel(catalog, name))).toMatchObject({ name, owner });
  });

  it.each([
    "lacking",
    "nobody",
    "",
    "/",
    "/big",
    "cloud/",
    "kept/big",
    "unset/gpt",
    "words/words-de",
    "none/big",
  ])("finds no model %j", (name) => {
    expect(errorOf(findModel(catalog, name)).code).toBe("model_not_found");
  });
});

describe("nameModel", () => {
  it("names the only route of a task that needs no model with OpenAI", () => {
    expect(valueOf(nameModel("moderations", { input: "a" }, catalog))).toEqual({
      input: "a",
      model: "moderate",
    });
    expect(valueOf(nameModel("responses", { prompt: { id: "p" }, model: null }, catalog))).toMatchObject({
      model: "chat",
    });
  });

  it("leaves every other body as it is", () => {
    const named = { model: "mine", input: "a" };
    expect(valueOf(nameModel("moderations", named, catalog))).toBe(named);
    const chat = { messages: [] };
    expect(valueOf(nameModel("chat", chat, catalog))).toBe(chat);
    expect(valueOf(nameModel("moderations", "text", catalog))).toBe("text");
  });

  it("says what to send where there are several routes, or none", () => {
    expect(errorOf(nameModel("images", { prompt: "a" }, catalog))).toEqual({
      code: "invalid_request",
      param: "model",
      message: "model: send one of draw, draw-well",
    });
    const { message } = errorOf(nameModel("images", {}, catalogOf({ ...config, routes: {} })));
    expect(message).toBe("model: there is no route for images");
  });
});
