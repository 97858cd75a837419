import { expect, it } from "vitest";
import { draw } from "../../helpers/fake-provider/draw.ts";
import { FaultRules } from "../../helpers/fake-provider/faults.ts";

const mix = (seed: number) => ({
  seed,
  faults: [
    { share: 0.3, fault: { kind: "status", status: 503 } as const },
    { share: 0.02, fault: { kind: "hang" } as const },
  ],
});
const subject = (text: string) => ({ path: "/v1/embeddings", model: "m", text });
const provider = (seed: number) => {
  const rules = new FaultRules();
  rules.add({ mix: mix(seed) });
  return (text: string) => rules.take(subject(text))?.kind;
};
const TEXTS = Array.from({ length: 10_000 }, (_, n) => `question ${n}`);

it("draws evenly", () => {
  const drawn = TEXTS.map((text) => draw(1, text));
  for (const tenth of Array.from({ length: 10 }, (_, n) => n / 10)) {
    const share = drawn.filter((value) => value >= tenth && value < tenth + 0.1).length / drawn.length;
    expect(share).toBeCloseTo(0.1, 1);
  }
});

it("gives each fault its share of the requests, and the rest none", () => {
  const kinds = TEXTS.map(provider(1));
  const share = (kind: string | undefined) => kinds.filter((each) => each === kind).length / kinds.length;
  expect(share("status")).toBeCloseTo(0.3, 1);
  expect(Math.abs(share("hang") - 0.02)).toBeLessThan(0.005);
  expect(share(undefined)).toBeCloseTo(0.68, 1);
});

it("meets a request with the same fault in whatever order requests come", () => {
  const [forwards, backwards] = [provider(1), provider(1)];
  const faults = TEXTS.map((text) => [text, forwards(text)] as const);
  const again = new Map(TEXTS.toReversed().map((text) => [text, backwards(text)]));
  for (const [text, fault] of faults) expect(again.get(text)).toBe(fault);
});

it("draws anew for a repeat, and for another seed", () => {
  const once = provider(1);
  const [first, second, other] = [TEXTS.map(once), TEXTS.map(once), TEXTS.map(provider(2))];
  const differing = (kinds: readonly unknown[]) => kinds.filter((kind, n) => kind !== first[n]).length;
  expect(differing(second)).toBeGreaterThan(2000);
  expect(differing(other)).toBeGreaterThan(2000);
});
