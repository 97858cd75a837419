import { describe, expect, it } from "vitest";
import { embed as vectorOf } from "../../helpers/fake-provider/embeddings.ts";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, readError, useDeployment } from "../deployment.ts";

/** The route `embed-shared` takes eight items a call, and makes one call at a time. */
const MODEL = "embed-shared";
const app = useDeployment();
let serial = 0;
const fresh = () => `window ${process.hrtime.bigint()} ${serial++}`;
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n));
const ask = (input: string | string[], more: Record<string, unknown> = {}, headers = {}) =>
  app.embed({ model: MODEL, input, ...more }, headers);

/** Lets requests reach their window: one that waits there leaves no trace at the provider. */
const settle = async () => {
  for (let turn = 0; turn < 40; turn++) await fetch(`${app.gateway.url}/healthz`);
};

/** Holds the only slot, so that the next requests wait and share a call; gives a function that frees it. */
async function holdSlot(more: Record<string, unknown> = {}) {
  await app.primary.fault({ gate: true }, { times: 1 });
  const first = ask(fresh(), more);
  await app.primary.waitForRequests(1);
  return async () => {
    await app.primary.release();
    expect((await first).status).toBe(200);
  };
}

/** Asks for each of the inputs while the slot is held, and gives the answers. */
async function askTogether(inputs: readonly (string | string[])[]) {
  const letGo = await holdSlot();
  const sent = inputs.map((input) => ask(input));
  await settle();
  await letGo();
  return Promise.all(sent);
}

interface Answer {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[];
  readonly usage: { readonly prompt_tokens: number };
}
const read = async (response: Response) => (await response.json()) as Answer;
const inputs = async () =>
  (await app.primary.requests()).map(({ body }) => (body as { input: unknown }).input);
const note = (response: Response | undefined) => response?.headers.get("x-headrace-window") ?? "";

describe("requests that come together", () => {
  it("share calls, and each gets its own answer", async () => {
    const texts = times(20, fresh);
    const responses = await askTogether(texts);
    const answers = await Promise.all(responses.map(read));
    for (const [at, { data }] of answers.entries()) {
      expect(data).toHaveLength(1);
      expect(data[0]?.index).toBe(0);
      const expected = [...vectorOf(texts[at] ?? "")];
      for (const [place, value] of (data[0]?.embedding ?? []).entries()) {
        expect(value).toBeCloseTo(expected[place] ?? NaN, 5);
      }
    }
    const [, ...calls] = await inputs();
    expect(calls.map((input) => (input as string[]).length)).toEqual([8, 8, 4]);
    expect(new Set(calls.flat())).toEqual(new Set(texts));
    expect(note(responses[0])).toMatch(/^[0-9a-f]{8}-\d+;size=8;waited_ms=\d+$/);
    expect(responses.every(({ headers }) => headers.get("x-headrace-attempts") === "1")).toBe(true);
  });

  it("share what the call used and cost, so that the parts sum to the whole", async () => {
    const texts = ["a mill", "the water that drives the wheel by the old stone bridge", "x"].map(
      (text) => `${text} ${fresh()}`,
    );
    const responses = await askTogether(texts);
    const used = await Promise.all(
      responses.map(async (response) => (await read(response)).usage.prompt_tokens),
    );
    const whole = await fetch(`${app.primary.url}/v1/embeddings`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "big", input: texts }),
    });
    expect(used.reduce((sum, part) => sum + part, 0)).toBe((await read(whole)).usage.prompt_tokens);
    expect(Math.max(...used)).toBe(used[1]);
    const costs = responses.map(({ headers }) => Number(headers.get("x-headrace-cost-usd")));
    expect(costs.every((cost) => cost > 0)).toBe(true);
  });

  it("count by their items: a list stays together, and one that fills a call goes by itself", async () => {
    const lists = [times(5, fresh), times(5, fresh), times(2, fresh)];
    const whole = times(8, fresh);
    const responses = await askTogether([...lists, whole]);
    const answers = await Promise.all(responses.map(read));
    expect(answers.map(({ data }) => data.length)).toEqual([5, 5, 2, 8]);
    expect(answers.every(({ data }) => data.every(({ index }, at) => index === at))).toBe(true);
    expect(note(responses[3])).toBe("");
    const [, ...calls] = await inputs();
    const sizes = calls.map((input) => (input as string[]).length);
    expect(sizes.toSorted((one, other) => one - other)).toEqual([5, 7, 8]);
  });

  it("make one item of what two ask for", async () => {
    const [one, other] = [fresh(), fresh()];
    // Lists of their own: whole requests that are alike share their call before they come here.
    const responses = await askTogether([[one, other], [other], [one]]);
    expect((await inputs())[1]).toEqual([one, other]);
    const [both, second, first] = await Promise.all(responses.map(read));
    expect(both?.data[0]?.embedding).toEqual(first?.data[0]?.embedding);
    expect(both?.data[1]?.embedding).toEqual(second?.data[0]?.embedding);
  });

  it("share no call where their parameters differ", async () => {
    const letGo = await holdSlot();
    const narrow = times(3, () => ask(fresh(), { dimensions: 4 }));
    const responses = await Promise.all(narrow);
    await letGo();
    const lengths = await Promise.all(
      responses.map(async (one) => (await read(one)).data[0]?.embedding.length),
    );
    expect(lengths).toEqual([4, 4, 4]);
  });

  it("are kept in the cache each by itself, and hits never wait for a window", async () => {
    const texts = times(3, fresh);
    await Promise.all((await askTogether(texts)).map((response) => response.text()));
    const calls = (await app.primary.requests()).length;
    const letGo = await holdSlot();
    const again = await Promise.all(texts.map((text) => ask(text)));
    expect(again.every(({ headers }) => headers.get("cache-status")?.includes("hit"))).toBe(true);
    expect(again.every((response) => note(response) === "")).toBe(true);
    await letGo();
    expect(await app.primary.requests()).toHaveLength(calls + 1);
  });
});

describe("a request that comes alone", () => {
  it("goes at once, and says that it did not wait", async () => {
    const response = await ask(fresh());
    expect(response.status).toBe(200);
    expect(note(response)).toMatch(/;size=1;waited_ms=0$/);
  });

  it("leaves the window when its client does, and is not called for", async () => {
    const letGo = await holdSlot();
    const text = fresh();
    const left = openRequest(
      `${app.gateway.url}/v1/embeddings`,
      { model: MODEL, input: text },
      { authorization: `Bearer ${API_KEY}` },
    );
    const stays = fresh();
    const staying = ask(stays);
    await settle();
    left.leave();
    await settle();
    await letGo();
    expect((await staying).status).toBe(200);
    expect((await inputs()).flat()).not.toContain(text);
  });

  it("ends a call when all requests that share it have left", async () => {
    await app.primary.fault({ kind: "hang" }, { times: 1 });
    const left = openRequest(
      `${app.gateway.url}/v1/embeddings`,
      { model: MODEL, input: fresh() },
      { authorization: `Bearer ${API_KEY}` },
    );
    await app.primary.waitForRequests(1);
    left.leave();
    await app.primary.waitUntilAborted();
    expect((await ask(fresh())).status).toBe(200);
  });
});

describe("a call that goes wrong", () => {
  it("is split until the request at fault is alone: the others succeed", async () => {
    const texts = times(7, fresh);
    const poison = `poison ${fresh()}`;
    await app.primary.fault({ kind: "status", status: 400 }, { match: { promptIncludes: "poison" } });
    const responses = await askTogether([...texts.slice(0, 5), poison, ...texts.slice(5)]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 400, 200, 200]);
    const [failed] = responses.slice(5);
    if (failed) expect((await readError(failed)).code).toBe("fault_400");
    // One call held the slot; eight, four and four, two and two, one and one.
    expect(await app.primary.requests()).toHaveLength(8);
  });

  it("fails only those whose items are missing from its answer", async () => {
    await app.primary.fault(
      { kind: "items", change: "drop-last" },
      { match: { promptIncludes: "the last" } },
    );
    const responses = await askTogether([fresh(), fresh(), `the last ${fresh()}`]);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    // The one that lacked its item was asked for elsewhere.
    expect(responses.map(({ headers }) => headers.get("x-headrace-target"))).toEqual([
      "targets[0]=primary/big",
      "targets[0]=primary/big",
      "targets[1]=secondary/small",
    ]);
  });

  it("whose answer comes in another order is sorted out", async () => {
    await app.primary.fault({ kind: "items", change: "reverse" });
    const texts = times(4, fresh);
    const answers = await Promise.all((await askTogether(texts)).map(read));
    for (const [at, { data }] of answers.entries()) {
      expect(data[0]?.embedding[0]).toBeCloseTo([...vectorOf(texts[at] ?? "")][0] ?? NaN, 5);
    }
  });

  it("goes on to the next target, by a shared call again", async () => {
    const letGo = await holdSlot();
    await app.primary.fault({ kind: "status", status: 503 });
    const sent = times(5, () => ask(fresh()));
    await settle();
    await letGo();
    const responses = await Promise.all(sent);
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(responses.map(({ headers }) => headers.get("x-headrace-target")))).toEqual(
      new Set(["targets[1]=secondary/small"]),
    );
    expect((await app.secondary.requests()).length).toBeLessThan(5);
  });

  it("leaves the window as it was: the next requests are answered", async () => {
    for (const kind of ["reset", "invalid-json", "html", "empty"] as const) {
      await app.primary.fault({ kind }, { times: 1 });
      await app.secondary.fault({ kind }, { times: 1 });
      expect((await ask(fresh())).status).toBe(502);
      expect((await ask(fresh())).status).toBe(200);
    }
  });
});

describe("a deadline", () => {
  it("is the request's own in a call that others wait longer for", async () => {
    const letGo = await holdSlot();
    const hasty = ask(fresh(), {}, { "x-headrace-timeout-ms": "1500" });
    const patient = ask(fresh());
    await settle();
    await app.primary.fault({ delayMs: 3000 }, { times: 1 });
    await letGo();
    const response = await hasty;
    expect([response.status, (await readError(response)).code]).toEqual([504, "deadline_exceeded"]);
    expect((await patient).status).toBe(200);
    expect(note(await patient)).toContain("size=2");
  });

  it("that passes in the window is told, and the item is not called for", async () => {
    const letGo = await holdSlot();
    const text = fresh();
    await app.secondary.fault({ kind: "hang" });
    const response = await ask(text, {}, { "x-headrace-timeout-ms": "200" });
    expect([response.status, (await readError(response)).code]).toEqual([504, "deadline_exceeded"]);
    await letGo();
    expect((await inputs()).flat()).not.toContain(text);
  });
});

it("servers of one's own, with JSON of their own, get lists of inputs", async () => {
  await app.primary.fault({ gate: true }, { times: 1 });
  const first = app.embed({ model: "mine-shared", input: fresh() });
  await app.primary.waitForRequests(1);
  const texts = times(3, fresh);
  const sent = texts.map((input) => app.embed({ model: "mine-shared", input }));
  await settle();
  await app.primary.release();
  await first;
  const answers = await Promise.all((await Promise.all(sent)).map(read));
  expect(answers.map(({ data }) => data.length)).toEqual([1, 1, 1]);
  const [, shared] = await app.primary.requests();
  expect(new Set(Object(shared?.body)["inputs"])).toEqual(new Set(texts));
  expect(await app.primary.requests()).toHaveLength(2);
});

it("moderations share calls too", async () => {
  await app.primary.fault({ gate: true }, { times: 1 });
  const moderate = (input: string) => app.post("/v1/moderations", { model: "moderate-shared", input });
  const first = moderate(fresh());
  await app.primary.waitForRequests(1);
  const sent = ["violence here", "peace", "more violence"].map((text) => moderate(`${text} ${fresh()}`));
  await settle();
  await app.primary.release();
  await first;
  const flagged = await Promise.all(
    (await Promise.all(sent)).map(async (response) => {
      const { results } = (await response.json()) as { results: { flagged: boolean }[] };
      return results.map((result) => result.flagged);
    }),
  );
  expect(flagged).toEqual([[true], [false], [true]]);
  expect(await app.primary.requests()).toHaveLength(2);
});
