import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { mapInParallel } from "../../../scripts/demo/in-parallel.ts";
import { summarisePass } from "../../../scripts/demo/pass-report.ts";
import { parseFileName, splitText, thin } from "../../../scripts/demo/passages.ts";
import { percentile } from "../../../scripts/demo/percentile.ts";
import { costOf, findPrice } from "../../../scripts/demo/price.ts";
import { renderBar, startProgress } from "../../../scripts/demo/progress.ts";
import { trimText, wrapText } from "../../../scripts/demo/questions.ts";
import type { Sample } from "../../../scripts/demo/sample.ts";
import { cosine } from "../../../scripts/demo/search.ts";
import { renderTable } from "../../../scripts/demo/table.ts";

const MISS = { hit: false, tier: undefined, collapsed: false, stored: true, fwd: "miss", ttlSeconds: 3600 };

const sampleOf = (latencyMs: number, cache: Partial<Sample["cache"]> = {}): Sample => ({
  latencyMs,
  tokens: 10,
  cache: { ...MISS, ...cache },
});

describe("percentile", () => {
  const values = [40, 10, 30, 20];

  it.each([
    [0, 10],
    [0.25, 10],
    [0.5, 20],
    [0.95, 40],
    [1, 40],
  ])("at %d is a value that was measured: %d", (share, value) =>
    expect(percentile(values, share)).toBe(value),
  );

  it("of nothing is nothing", () => expect(percentile([], 0.5)).toBeNaN());
});

describe("summarisePass", () => {
  it("counts every request once, by where its answer came from", () => {
    const samples = [
      sampleOf(1),
      sampleOf(2, { hit: true, tier: "memory" }),
      sampleOf(3, { hit: true, tier: "colo" }),
      sampleOf(4, { hit: true, tier: "kv" }),
      sampleOf(5, { collapsed: true }),
    ];
    expect(summarisePass("first", samples)).toEqual({
      name: "first",
      requests: 5,
      memory: 1,
      colo: 1,
      kv: 1,
      coalesced: 1,
      computed: 1,
      p50Ms: 3,
      p95Ms: 5,
      tokens: 50,
      savedTokens: 40,
    });
  });
});

describe("the progress bar", () => {
  const render = (done: number) => stripVTControlCharacters(renderBar("first pass", done, 2000));

  it("fills from nothing to all", () => {
    expect(render(0)).toBe(`first pass       ${"─".repeat(28)}   0%  0 of 2,000`);
    expect(render(1000)).toBe(`first pass       ${"━".repeat(14)}${"─".repeat(14)}  50%  1,000 of 2,000`);
    expect(render(2000)).toBe(`first pass       ${"━".repeat(28)} 100%  2,000 of 2,000`);
  });

  it("is never full before the end", () => expect(render(1999)).toContain("─  99%"));

  it("is a line a quarter where there is no terminal", async () => {
    const output = new PassThrough();
    const progress = startProgress("pass", 8, output);
    for (let done = 0; done < 8; done++) progress.advance();
    progress.end();
    output.end();
    expect(await text(output)).toBe("  pass: 2 of 8\n  pass: 4 of 8\n  pass: 6 of 8\n  pass: 8 of 8\n");
  });

  it("is redrawn in place, and left, on a terminal", async () => {
    const output = Object.assign(new PassThrough(), { isTTY: true });
    const progress = startProgress("pass", 1, output);
    progress.advance();
    progress.end();
    output.end();
    const written = await text(output);
    expect(written.startsWith("\r\u001b[2K  pass ")).toBe(true);
    expect(written.endsWith(" 100%  1 of 1\n")).toBe(true);
  });
});

describe("renderTable", () => {
  it("sets words left and numbers right, in lines of one width", () => {
    const rows = [
      { name: "first", count: 1 },
      { name: "second pass", count: 12_345 },
    ];
    const lines = renderTable(
      [
        { title: "", read: ({ name }) => name, align: "left" },
        { title: "hits", read: ({ count }) => String(count) },
      ],
      rows,
    );
    expect(lines).toEqual(["              hits", "first            1", "second pass  12345"]);
  });
});

describe("passages", () => {
  it("end with a sentence, and have enough words", () => {
    const passages = splitText("One two three. Four five six. Seven.", 4);
    expect(passages).toEqual(["One two three. Four five six.", "Seven."]);
    expect(splitText("", 4)).toEqual([]);
  });

  it.each([
    ["1962_john_f_kennedy_d.txt", { year: 1962, president: "John F. Kennedy" }],
    ["1801_thomas_jefferson_dr.txt", { year: 1801, president: "Thomas Jefferson" }],
  ])("are named after their file: %s", (name, parsed) => expect(parseFileName(name)).toEqual(parsed));

  it("are thinned evenly", () => {
    const items = Array.from({ length: 10 }, (_, at) => at);
    expect(thin(items, 5)).toEqual([0, 2, 4, 6, 8]);
    expect(thin(items, 3)).toHaveLength(3);
    expect(thin(items, 10)).toEqual(items);
    expect(thin(items, 99)).toEqual(items);
  });

  it("are quoted up to a word's end, in lines", () => {
    expect(trimText("short  enough", 20)).toBe("short enough");
    expect(trimText("cut between words, not inside", 20)).toBe("cut between words …");
    expect(wrapText("one two three four", 9)).toEqual(["one two", "three", "four"]);
  });
});

describe("mapInParallel", () => {
  it("keeps the order, and no more calls under way than told", async () => {
    let running = 0;
    let most = 0;
    const results = await mapInParallel([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return item * 10;
    });
    expect(results).toEqual([10, 20, 30, 40, 50]);
    expect(most).toBe(2);
  });

  it("rejects with the first failure", async () => {
    await expect(mapInParallel([1], 4, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});

describe("cosine", () => {
  it("is 1 for one direction, 0 for none in common or none at all", () => {
    expect(cosine([1, 2], [2, 4])).toBeCloseTo(1);
    expect(cosine([1, 0], [0, 1])).toBe(0);
    expect(cosine([0, 0], [0, 1])).toBe(0);
  });
});

describe("the price", () => {
  it("is that of a named provider, for a million tokens", () => {
    const price = findPrice();
    expect(price.label).toBe("OpenAI text-embedding-3-small");
    expect(price.usdPerMillionTokens).toBeGreaterThan(0);
    expect(costOf(500_000, price)).toBeCloseTo(price.usdPerMillionTokens / 2);
  });
});
