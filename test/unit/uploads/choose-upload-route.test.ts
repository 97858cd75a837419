import { describe, expect, it } from "vitest";
import { configSchemaOf, variable } from "../../../worker/contract/config/config.ts";
import { buildCatalog } from "../../../worker/domain/routing/catalog.ts";
import { chooseUploadRoute, refuseLateModel } from "../../../worker/domain/uploads/choose-upload-route.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

function catalogOf(...names: readonly string[]) {
  const target = { provider: "ears", model: "whisper-1" };
  const transcriptions = names.map(
    (name) => [name, { task: "transcriptions" as const, targets: [target] }] as const,
  );
  const config = configSchemaOf([]).parse({
    providers: { ears: { kind: "openai", baseUrl: variable("EARS_URL", "http://ears/v1"), direct: true } },
    routes: { chat: { task: "chat", targets: [target] }, ...Object.fromEntries(transcriptions) },
  });
  return buildCatalog(config, buildRegistry({}), () => undefined);
}

describe("the route of an upload", () => {
  it("is the one it names, by a route's name or a provider's model", () => {
    const catalog = catalogOf("quick", "good");
    expect(valueOf(chooseUploadRoute(catalog, "good")).name).toBe("good");
    expect(valueOf(chooseUploadRoute(catalog, "ears/any")).name).toBe("ears/any");
    expect(errorOf(chooseUploadRoute(catalog, "nobody")).code).toBe("model_not_found");
    expect(errorOf(chooseUploadRoute(catalog, "chat")).code).toBe("model_not_found");
  });

  it("is the only one there is, where its name is not known yet", () => {
    expect(valueOf(chooseUploadRoute(catalogOf("only"), undefined)).name).toBe("only");
    expect(errorOf(chooseUploadRoute(catalogOf(), undefined)).code).toBe("model_not_found");
  });

  it("cannot be guessed among several: the client learns how to name it", () => {
    const error = errorOf(chooseUploadRoute(catalogOf("quick", "good"), undefined));
    expect(error).toMatchObject({ code: "invalid_request", param: "model" });
    expect(error.message).toContain("before 'file'");
    expect(error.message).toContain("?model=");
  });
});

describe("a model that is named after the recording", () => {
  const catalog = catalogOf("only");
  const route = valueOf(chooseUploadRoute(catalog, undefined));

  it("may be the route's", () => {
    expect(refuseLateModel(catalog, route, "only")).toBeUndefined();
  });

  it("may be no other", () => {
    expect(refuseLateModel(catalog, route, "nobody")).toMatchObject({ code: "model_not_found" });
    expect(refuseLateModel(catalog, route, "ears/any")).toMatchObject({ code: "invalid_request" });
  });
});
