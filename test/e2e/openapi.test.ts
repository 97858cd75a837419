import { describe, expect, it } from "vitest";
import { buildOpenapi } from "../../worker/contract/openapi/openapi.ts";
import { useDeployment } from "./deployment.ts";

const app = useDeployment();

describe("GET /openapi.json", () => {
  it("gives the contract to anybody, the same each time", async () => {
    for (let time = 0; time < 2; time++) {
      const response = await fetch(`${app.gateway.url}/openapi.json`);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(await response.json()).toEqual(JSON.parse(JSON.stringify(buildOpenapi())));
    }
  });

  it("says on what an answer really carries", async () => {
    const response = await app.embed({ model: "words", input: "a mill" });
    const contract = JSON.stringify(await (await fetch(`${app.gateway.url}/openapi.json`)).json());
    for (const [name] of response.headers) {
      const common = ["content-length", "content-type", "date", "vary", "content-encoding"].includes(name);
      if (!common) expect(contract).toContain(`"#/components/headers/${name}"`);
    }
  });
});
