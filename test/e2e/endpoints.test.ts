import { describe, expect, it } from "vitest";
import { ENDPOINT_NAMES, ENDPOINTS, METHODS_BY_PATH } from "../../worker/contract/endpoints.ts";
import { API_KEY, readError, useDeployment } from "./deployment.ts";

const app = useDeployment();
const METHODS = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD"];
const ask = (path: string, init: RequestInit) =>
  fetch(app.gateway.url + path.replace(/:\w+\+?/, "nobody"), init);
const withBody = (method: string): RequestInit => (method === "POST" ? { method, body: "{}" } : { method });

describe("an endpoint", () => {
  const closed = ENDPOINT_NAMES.filter((name) => ENDPOINTS[name].needs !== "nothing");
  const open = ENDPOINT_NAMES.filter((name) => ENDPOINTS[name].needs === "nothing");

  it.each(closed)(
    "that needs a key answers 401 without one, however its path is written: %s",
    async (name) => {
      const { path, method } = ENDPOINTS[name];
      for (const written of [path, `${path}/`, `${path}?model=chat`]) {
        const response = await ask(written, withBody(method));
        expect([written, response.status]).toEqual([written, 401]);
        expect(response.headers.get("request-id")).toBe(
          name === "messages" || name === "countTokens" ? response.headers.get("x-request-id") : null,
        );
        expect((await readError(response)).code).toBe("unauthenticated");
      }
    },
  );

  it.each(closed)("that needs a key looks at who has one: %s", async (name) => {
    const { path, method } = ENDPOINTS[name];
    const headers = { authorization: `Bearer ${API_KEY}` };
    const response = await ask(path, { ...withBody(method), headers });
    expect([401, 403, 405, 500]).not.toContain(response.status);
    await response.body?.cancel();
  });

  it.each(closed)("that needs a key refuses a deadline that is none: %s", async (name) => {
    const { path, method } = ENDPOINTS[name];
    const headers = { authorization: `Bearer ${API_KEY}`, "x-headrace-timeout-ms": "soon" };
    const response = await ask(path, { ...withBody(method), headers });
    expect(response.status).toBe(400);
    expect((await readError(response)).param).toBe("x-headrace-timeout-ms");
  });

  it.each(open)("that needs nothing answers anybody: %s", async (name) => {
    const response = await ask(ENDPOINTS[name].path, { method: ENDPOINTS[name].method });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    await response.body?.cancel();
  });
});

describe("a path", () => {
  it.each([...METHODS_BY_PATH])(
    "takes its own methods only, and tells anybody which: %s",
    async (path, allow) => {
      const others = METHODS.filter((method) => !allow.split(", ").includes(method));
      for (const method of others) {
        const response = await ask(path, { method });
        expect([method, response.status, response.headers.get("allow")]).toEqual([method, 405, allow]);
        if (method !== "HEAD") expect((await readError(response)).code).toBe("method_not_allowed");
      }
    },
  );

  it("says of all its methods at once what it takes", () => {
    expect(METHODS_BY_PATH.get("/v1/jobs")).toBe("GET, HEAD, POST");
    expect(METHODS_BY_PATH.get("/v1/jobs/:id")).toBe("GET, HEAD, DELETE");
    expect(METHODS_BY_PATH.get("/v1/chat/completions")).toBe("POST");
  });

  it("that takes GET takes HEAD, with the same headers and no body", async () => {
    const headers = { authorization: `Bearer ${API_KEY}` };
    for (const path of [
      "/v1/models",
      "/v1/models/chat",
      "/v1/models/nobody",
      "/healthz",
      "/v1/jobs/nobody",
    ]) {
      const [got, head] = await Promise.all(
        ["GET", "HEAD"].map((method) => fetch(app.gateway.url + path, { method, headers })),
      );
      expect([path, head?.status]).toEqual([path, got?.status]);
      expect(head?.headers.get("content-type")).toBe(got?.headers.get("content-type"));
      expect(await head?.text()).toBe("");
    }
  });

  it("that a wrong base URL leads to says which to set, as its client reads errors", async () => {
    const post = (path: string) => fetch(app.gateway.url + path, { method: "POST", body: "{}" });
    const doubled = await post("/v1/v1/chat/completions");
    expect(doubled.status).toBe(404);
    const { code, message } = await readError(doubled);
    expect([code, message]).toEqual([
      "not_found",
      expect.stringContaining(`base URL to ${app.gateway.url}/v1.`),
    ]);
    expect(await (await post("/v1/v1/messages")).json()).toMatchObject({
      type: "error",
      error: { message: expect.stringContaining(`base URL to ${app.gateway.url}.`) as string },
    });
  });

  it("that is none is told from one that takes another method, with a key and without", async () => {
    for (const headers of [{}, { authorization: `Bearer ${API_KEY}` }]) {
      for (const path of ["/v1", "/v1/chat", "/v1/jobs/a/b/c", "/healthz/x", "/V1/models"]) {
        const response = await fetch(app.gateway.url + path, { headers });
        expect([path, response.status]).toEqual([path, 404]);
        expect((await readError(response)).code).toBe("not_found");
      }
    }
  });
});
