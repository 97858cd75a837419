import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";
import { version } from "../../../package.json" with { type: "json" };
import { ENDPOINT_NAMES, ENDPOINTS } from "../../../worker/contract/endpoints.ts";
import { ERRORS } from "../../../worker/contract/errors.ts";
import { API_VERSION, buildOpenapi } from "../../../worker/contract/openapi/openapi.ts";

interface Operation {
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly $ref?: string }>>;
}
interface Document {
  readonly info: { readonly version: string };
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Operation>> & { readonly description: string }>
  >;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly headers: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, object>>;
  };
}
const document = JSON.parse(JSON.stringify(buildOpenapi())) as Document;

const endpoints = ENDPOINT_NAMES.map((name) => ({ name, ...ENDPOINTS[name] }));
const templateOf = (path: string) => path.replace(/:(\w+)\+?/, "{$1}");
/** What needs no key and reads nothing of the request has nothing to refuse. */
const NEVER_REFUSE = endpoints.filter(({ needs }) => needs === "nothing").map(({ path }) => path);

describe("the contract", () => {
  it("passes a linter's recommended rules", async () => {
    const config = await createConfig({ extends: ["recommended"] });
    const problems = await lintFromString({ source: JSON.stringify(document), config });
    const told = problems.map(({ ruleId, message, location }) => ({
      ruleId,
      message,
      at: location[0]?.pointer ?? "",
    }));
    const justified = NEVER_REFUSE.map((path) => `#/paths/${path.replaceAll("/", "~1")}/get/responses`);
    const others = told.filter(
      ({ ruleId, at }) => !(ruleId === "operation-4xx-response" && justified.some((one) => at === one)),
    );
    expect(others).toEqual([]);
  });

  it("says of each status which codes it may have, in the table's words", () => {
    const written = JSON.stringify(document);
    for (const [code, { status, message }] of Object.entries(ERRORS)) {
      expect(written.includes(JSON.stringify(`\`${code}\`: ${message}`).slice(1, -1))).toBe(status !== 499);
    }
  });

  it.each(endpoints)(
    "tells of $name who may ask and what they are refused with",
    ({ name, path, method, needs }) => {
      const operation = document.paths[templateOf(path)]?.[method.toLowerCase()];
      expect(operation?.operationId).toBe(name);
      const refused = ["401", "403"].filter((status) => operation && status in operation.responses);
      const asks = { nothing: [], token: ["401"], key: ["401", "403"], admin: ["401", "403"] };
      expect(refused).toEqual(asks[needs]);
      expect(operation?.security).toEqual(needs === "nothing" ? [] : undefined);
      expect(document.paths[templateOf(path)]?.description).toContain(method);
    },
  );

  it("knows the fields that are checked, and lets all others pass", () => {
    expect(document.components.schemas["EmbeddingsRequest"]).toMatchObject({
      required: ["model", "input"],
      properties: { model: { minLength: 1, maxLength: 256 } },
      additionalProperties: {},
    });
    const vector = JSON.stringify(document.components.schemas["EmbeddingsResponse"]);
    expect(vector).toContain('"embedding":{"anyOf":[{"type":"array","items":{"type":"number"}}');
  });

  it("leaves what has a default, and a model that OpenAI does not ask for, to the sender", () => {
    const { CreateJob, ModerationsRequest, ResponsesRequest, CohereEmbedRequest } = document.components
      .schemas as Readonly<
      Record<
        string,
        { readonly required?: readonly string[]; readonly properties?: Readonly<Record<string, object>> }
      >
    >;
    expect(CreateJob?.required).toEqual(["task", "input"]);
    expect(CreateJob?.properties?.["retain_for"]).toMatchObject({ description: "By default 86400." });
    expect(ModerationsRequest?.required).toEqual(["input"]);
    expect(ResponsesRequest?.required).toEqual([]);
    expect(CohereEmbedRequest?.required).toEqual(["model"]);
    // Generators take a field with a `default` for one that clients must send.
    expect(JSON.stringify(document.components.schemas)).not.toMatch(/"default":/);
  });

  it("bears the package's version", () => {
    expect(document.info.version).toBe(API_VERSION);
    expect(API_VERSION).toBe(version);
  });
});
