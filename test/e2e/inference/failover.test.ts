import { describe, expect, it, vi } from "vitest";
import { holdSection } from "../../helpers/document-section.ts";
import { alignColumns } from "../../helpers/compatibility/tables.ts";
import { findFact, says, useDeployment } from "../deployment.ts";
import { type Gets, type Scenario, SCENARIOS, WORDS } from "./failover-scenarios.ts";

const app = useDeployment();

const NEXT = "targets[1]=secondary/second";
const ANSWER = `echo: ${WORDS.join(" ")}`;
const WAYS = [
  { way: "whole", body: {}, headers: {} },
  { way: "streamed", body: { stream: true, stream_options: { include_usage: true } }, headers: {} },
  {
    way: "held back",
    body: { stream: true, stream_options: { include_usage: true } },
    headers: { prefer: "hold" },
  },
] as const;

/** What was got, by scenario, in the order of the ways. */
const seen = new Map<string, Got[]>();

interface Got {
  readonly gets: Gets | "truncated";
  readonly model: unknown;
  readonly usage: unknown;
}

/** What a client of chat makes of a response. */
interface Chunk {
  readonly model?: string;
  readonly usage?: object | null;
  readonly error?: { readonly code: string };
  readonly choices?: readonly {
    readonly delta?: { content?: string };
    readonly message?: { content: string };
  }[];
}

async function read(response: Response): Promise<Got> {
  const text = await response.text();
  const chunks = text.startsWith("{") ? [text] : text.split("\n\n").flatMap(readData);
  const parsed = chunks.map((chunk) => JSON.parse(chunk) as Chunk);
  const code = parsed.find(({ error }) => error)?.error?.code;
  const usage = parsed.findLast((chunk) => chunk.usage)?.usage;
  const got = { model: parsed[0]?.model, usage };
  if (response.status !== 200) return { ...got, gets: `refused: ${code}` };
  const isEnded = text.startsWith("{") || text.trimEnd().endsWith("data: [DONE]");
  const said = parsed.map(sayOf).join("");
  if (code === undefined)
    return { ...got, gets: isEnded && said === ANSWER ? whose(response, text) : "truncated" };
  return { ...got, gets: !isEnded && ANSWER.startsWith(said) ? `breaks: ${code}` : "truncated" };
}

const readData = (event: string): string[] => /^data: (\{.*)/m.exec(event)?.slice(1) ?? [];
const sayOf = ({ choices: [choice] = [] }: Chunk): string =>
  choice?.delta?.content ?? choice?.message?.content ?? "";

/** Whose answer it is, as headers say, or comments where the headers went out before. */
function whose({ headers }: Response, text: string): "first" | "next" | "truncated" {
  const target = headers.get("x-headrace-target") ?? /^: x-headrace-target: (.*)$/m.exec(text)?.[1];
  if (target === NEXT) return "next";
  return target?.endsWith("/first") ? "first" : "truncated";
}

const note = (what: string, at: number, got: Got) => {
  const row = seen.get(what) ?? [];
  row[at] = got;
  seen.set(what, row);
};

const ask = (model: string, { body, headers }: (typeof WAYS)[number], id: string) =>
  app.chat({ model, messages: says(WORDS.join(" ")), ...body }, { ...headers, "x-request-id": id });

async function meet({ fault, whole, times, fallback }: Scenario, at: number): Promise<void> {
  const dealt = at === 0 ? (whole ?? fault) : fault;
  await app.primary.fault(dealt, times === undefined ? {} : { times });
  if (fallback) await app.secondary.fault(fallback.fault, { match: fallback.match });
}

describe.each(WAYS.map((each, at) => ({ ...each, at })))("failover of what is $way", ({ at, ...way }) => {
  it.each(SCENARIOS)("$what", async (scenario) => {
    await meet(scenario, at);
    const got = await read(await ask("failover", way, `failover-${at}`));
    const due = scenario.gets[at] ?? "truncated";
    expect(got.gets.startsWith(due), `${got.gets} instead of ${due}`).toBe(true);
    const called = await app.secondary.requests();
    expect(called).toHaveLength(due === "next" ? 1 : 0);
    // No half answer is handed on: the next target gets what the client has asked.
    for (const { body } of called) expect(body).toMatchObject({ messages: says(WORDS.join(" ")) });
    note(scenario.what, at, got);
  });

  it("a provider that is down for a while, and back", async () => {
    await app.primary.breakDown({ kind: "status", status: 503 });
    for (let request = 0; request < 12; request++) {
      const { gets } = await read(await ask("guarded-failover", way, `down-${at}`));
      expect(gets).toBe("next");
    }
    // It is left alone while it is down.
    expect((await app.primary.requests()).length).toBeLessThan(12);
    await app.primary.breakDown();
    const back = await vi.waitFor(
      async () => {
        const got = await read(await ask("guarded-failover", way, `back-${at}`));
        expect(got.gets).toBe("first");
        return got;
      },
      { timeout: 30_000, interval: 100 },
    );
    note("down for a while, and back (the next one's until then)", at, back);
  });

  it("what the next target has used is what is counted", async () => {
    await app.primary.fault({ kind: "status", status: 429 });
    const id = `counted-${at}`;
    const got = await read(await ask("failover", way, id));
    const usage = { prompt_tokens: 50, completion_tokens: 51, total_tokens: 101 };
    expect(got).toMatchObject({ gets: "next", model: "second", usage });
    expect(await findFact(app.gateway, "answer", id)).toMatchObject({
      target: NEXT,
      usage,
      attempts: 2,
      costUsd: (50 * 10 + 51 * 30) / 1_000_000,
      complete: true,
    });
    note("the next target's model and usage are counted", at, got);
  });
});

const TELL: Readonly<Record<string, string>> = {
  first: "the first target's answer",
  next: "the next target's answer",
};
const tell = ({ gets }: Got) =>
  TELL[gets] ?? gets.replace(/^breaks: (.*)$/, "error event `$1`").replace(/^refused: (.*)$/, "400 `$1`");

/** The table of what was got; undefined where not all scenarios were run. */
function writeTable(): string | undefined {
  const rows = [...seen].map(([what, got]) => [what, ...got.map(tell)]);
  if (rows.length !== SCENARIOS.length + 2 || rows.some((row) => row.length !== WAYS.length + 1))
    return undefined;
  return alignColumns([["scenario", ...WAYS.map(({ way }) => way)], ...rows]);
}

describe("docs/reliability.md", () => {
  it("has what was got in each scenario", () => {
    const table = writeTable();
    if (table !== undefined) holdSection("docs/reliability.md", "failover", table);
  });

  it("may say that no answer is cut short in silence", () => {
    expect([...seen.values()].flat().filter(({ gets }) => gets === "truncated")).toEqual([]);
  });
});
