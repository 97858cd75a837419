import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

const app = useDeployment();
const openai = () => new OpenAI({ baseURL: `${app.gateway.url}/v1`, apiKey: API_KEY, maxRetries: 0 });

describe("a picture", () => {
  it("comes as the provider sends it", { meta: { client: "openai", shows: "images" } }, async () => {
    const answer = await openai().images.generate({ model: "draw", prompt: "a mill", n: 3, quality: "high" });
    expect(answer.data).toHaveLength(3);
    const picture = Buffer.from(answer.data?.[2]?.b64_json ?? "", "base64");
    expect(picture.equals(Buffer.alloc(300_000, "a mill"))).toBe(true);
    const [received] = await app.primary.requests();
    expect(received).toMatchObject({
      path: "/v1/images/generations",
      body: { model: "big", prompt: "a mill", n: 3, quality: "high" },
    });
  });

  it("is JSON with no more than its headers added, and never kept", async () => {
    for (let time = 0; time < 2; time++) {
      const response = await app.post("/v1/images/generations", { model: "draw", prompt: "x" });
      expect(response.headers.get("content-type")).toBe("application/json");
      expect(response.headers.get("cache-status")).toBe("headrace; fwd=bypass; fwd-status=200");
      expect(response.headers.get("x-headrace-route")).toBe("draw");
      await response.arrayBuffer();
    }
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it("reaches the client while it is still being sent, and ends when the client leaves", async () => {
    await app.primary.fault({ kind: "hang", after: 1 });
    const body = { model: "draw", prompt: "x" };
    const headers = { authorization: `Bearer ${API_KEY}` };
    const client = openRequest(`${app.gateway.url}/v1/images/generations`, body, headers);
    await client.waitForText('"b64_json":"eHh4');
    expect(await app.primary.stats()).toMatchObject({ inFlight: 1 });
    client.leave();
    await app.primary.waitUntilAborted();
  });

  it("needs a prompt, and a route for pictures", async () => {
    const promptless = await app.post("/v1/images/generations", { model: "draw" });
    expect(await readError(promptless)).toMatchObject({ code: "invalid_request", param: "prompt" });
    const other = await app.post("/v1/images/generations", { model: "chat", prompt: "x" });
    expect((await readError(other)).code).toBe("model_not_found");
  });
});
