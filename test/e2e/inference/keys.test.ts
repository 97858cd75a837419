import { describe, expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { Fault, ReceivedRequest } from "../../helpers/fake-provider-client.ts";
import { API_KEY, findFact, readError, readFacts, says, useDeployment } from "../deployment.ts";

/** Providers of two keys each; which of them is used is by chance. */
const A = "sk-key-of-a-secret";
const B = "sk-key-of-b-secret";
const app = useDeployment({ vars: { KEY_A: A, KEY_B: B } });

let serial = 0;
const fresh = () => `keys ${serial++}`;
const wrongKey: Fault = {
  kind: "status",
  status: 401,
  body: { error: { message: `Incorrect API key provided: ${A}.`, code: "invalid_api_key" } },
};
const limited: Fault = { kind: "status", status: 429, headers: { "retry-after": "600" } };
const HEADERS = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];
const keyOf = ({ headers }: ReceivedRequest) =>
  HEADERS.flatMap((name) => headers[name] ?? []).map((value) => value.replace("Bearer ", ""))[0];
const used = async (key: string) => (await app.primary.requests((one) => keyOf(one) === key)).length;
const attemptsOf = (response: Response) => Number(response.headers.get("x-headrace-attempts"));

/** Nothing that left the gateway names a key. */
const expectSecret = (...texts: readonly string[]) => {
  for (const text of [...texts, JSON.stringify(app.gateway.logs())]) {
    expect(text).not.toContain("sk-key-of");
    expect(text).not.toContain("-secret");
  }
};

describe("one of a provider's keys that is refused", () => {
  it.each(["keyed-openai", "keyed-claude", "keyed-gemini", "keyed-azure", "keyed-http"])(
    "costs one request of %s a call, and no request its answer",
    async (model) => {
      await app.primary.fault(wrongKey, { match: { key: A } });
      const attempts: number[] = [];
      for (let request = 0; request < 16; request++) {
        const response = await app.chat({
          model,
          messages: says(fresh()),
          stream: model !== "keyed-http" && request % 2 === 1,
        });
        expect(response.status).toBe(200);
        await response.text();
        attempts.push(attemptsOf(response));
      }
      // By chance the other key comes first, each time with half the odds.
      const refused = await used(A);
      expect(attempts.filter((count) => count === 2)).toHaveLength(refused);
      expect(attempts.filter((count) => count === 1)).toHaveLength(16 - refused);
      expect(refused).toBeGreaterThanOrEqual(1);
      // Its rest may be over, on a slow machine.
      expect(refused).toBeLessThanOrEqual(2);
    },
  );

  it("is told in the log by its secret's name, and by /ready", async () => {
    const facts = readFacts(app.gateway).filter((fact) => fact.kind === "attempt" && fact.key === "KEY_A");
    expect(facts[0]).toMatchObject({ status: 401, error: "upstream_error", key: "KEY_A" });
    const ready = await (await fetch(`${app.gateway.url}/ready`)).text();
    expect(ready).toContain("targets[0]=keyed/big with KEY_A answered 401: see to its key and account");
    expectSecret(ready);
  });

  it("is left alone by windows, jobs and uploads, too", async () => {
    await app.primary.fault(wrongKey, { match: { key: A } });
    const authorization = `Bearer ${API_KEY}`;
    for (let round = 0; round < 4; round++) {
      const shared = await app.embed({ model: "keyed-shared", input: fresh() });
      expect(shared.status).toBe(200);
      const form = new FormData();
      form.set("model", "keyed/ears");
      form.set("file", new Blob(["sound"]), "sound.mp3");
      const path = `${app.gateway.url}/v1/audio/transcriptions`;
      await (await fetch(path, { method: "POST", headers: { authorization }, body: form })).text();
      const input = { model: "keyed-jobs", input: fresh() };
      const job = await app.post("/v1/jobs", { task: "embeddings", input }, { prefer: "wait=20" });
      expect((await job.json()) as JobDocument).toMatchObject({ status: "succeeded" });
    }
    // Each model has what was found out already of its provider's key.
    expect(await used(A)).toBeLessThanOrEqual(2);
    expect(await used(B)).toBeGreaterThanOrEqual(8);
  });
});

describe("all of a provider's keys", () => {
  it("are tried at their limits, and the soonest wait is told, without a call until then", async () => {
    await app.primary.fault(limited, { match: { key: A } });
    await app.primary.fault({ ...limited, headers: { "retry-after": "30" } }, { match: { key: B } });
    const first = await app.chat({ model: "keyed-limited", messages: says("hello") });
    expect(first.status).toBe(429);
    expect(first.headers.get("retry-after")).toBe("30");
    expect(await readError(first)).toMatchObject({ code: "rate_limited" });
    const second = await app.chat({ model: "keyed-limited", messages: says("hello") });
    expect(second.status).toBe(429);
    expect(Number(second.headers.get("retry-after"))).toBeLessThanOrEqual(30);
    expect(attemptsOf(second)).toBe(0);
    expect(await app.primary.requests()).toHaveLength(2);
  });

  it("that are refused are an upstream error which names none of them", async () => {
    await app.primary.fault(wrongKey, { match: { key: A } });
    await app.primary.fault({ kind: "status", status: 403 }, { match: { key: B } });
    const response = await app.chat({ model: "keyed-dead", messages: says("hello") });
    const text = await response.clone().text();
    expect(response.status).toBe(502);
    expect(await readError(response)).toMatchObject({ code: "upstream_error", retryable: false });
    expect(attemptsOf(response)).toBe(2);
    const fact = await findFact(app.gateway, "attempt", response.headers.get("x-request-id") ?? "");
    expect(fact).toMatchObject({ error: "upstream_error" });
    expectSecret(text, [...response.headers].join());
    expect(text).not.toContain("KEY_");
  });
});
