import { describe, expect, it } from "vitest";
import type { Piece, Pieces, StreamEnd } from "../../../worker/domain/answers/answer-body.ts";
import { HeldBytes } from "../../../worker/domain/answers/held-bytes.ts";
import { err, ok } from "../../../worker/domain/result.ts";
import { holdPieces } from "../../../worker/streams/hold-pieces.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const MB = 1024 * 1024;
const MINUTE = 60_000;
const pieceOf = (sizeBytes: number): Piece => ({
  bytes: new Uint8Array(sizeBytes),
  usageOnly: false,
  deltas: 1,
});

/** Pieces of these sizes, and how they end; `left` is how their reader has left them. */
function open(sizes: readonly number[], end: StreamEnd) {
  const rest = [...sizes];
  const source = {
    left: undefined as StreamEnd | undefined,
    next: () => {
      const size = rest.shift();
      if (size === undefined || source.left)
        return Promise.resolve({ done: true, value: source.left ?? end } as const);
      return Promise.resolve({ done: false, value: pieceOf(size) } as const);
    },
    return: (left: StreamEnd) => {
      source.left = left;
      return Promise.resolve({ done: true, value: left } as const);
    },
  };
  return source satisfies Pieces;
}

/** An account of its own, with a clock that sleeping moves. */
function openAccount(limit = 32 * MB) {
  const clock = { now: 1_000_000 };
  const account = new HeldBytes(() => clock.now, limit);
  const holding = {
    hold: (letGo: () => void) => account.open("acme", letGo),
    sleep: async (ms: number) => void (clock.now += ms),
  };
  return { clock, account, holding };
}

async function readAll(pieces: Pieces) {
  let sizeBytes = 0;
  for (;;) {
    const step = await pieces.next();
    if (step.done) return { sizeBytes, end: step.value };
    sizeBytes += step.value.bytes.byteLength;
  }
}

describe("a stream that is held back", () => {
  it("is given on whole, and let go of as it is read", async () => {
    const { account, holding } = openAccount();
    const pieces = valueOf(await holdPieces(open([1000, 1000], ok(null)), holding));
    expect(account.total).toBeGreaterThanOrEqual(2000);
    await pieces.next();
    expect(account.total).toBeLessThan(1500);
    expect(await readAll(pieces)).toEqual({ sizeBytes: 1000, end: ok(null) });
    expect(account.total).toBe(0);
  });

  it("that breaks is not given on at all, and says why", async () => {
    const { account, holding } = openAccount();
    const broken = { code: "upstream_error", reason: "reset" } as const;
    expect(errorOf(await holdPieces(open([1000], err(broken)), holding))).toEqual(broken);
    expect(account.total).toBe(0);
  });

  it("is let go of by a reader that leaves", async () => {
    const { account, holding } = openAccount();
    const pieces = valueOf(await holdPieces(open([1000, 1000], ok(null)), holding));
    await pieces.return(err({ code: "client_closed" }));
    expect(account.total).toBe(0);
  });

  it("ends its call where it is longer than 30 MB", async () => {
    const { account, holding } = openAccount(1000 * MB);
    const source = open(
      Array.from({ length: 40 }, () => MB),
      ok(null),
    );
    expect(errorOf(await holdPieces(source, holding)).code).toBe("upstream_invalid_response");
    expect(source.left).toBeDefined();
    expect(account.total).toBe(0);
  });

  it("waits for room, and ends its call where there is none after a while", async () => {
    const { clock, account, holding } = openAccount(1 * MB);
    const startedAt = clock.now;
    const source = open([2 * MB, 1], ok(null));
    expect(errorOf(await holdPieces(source, holding)).code).toBe("overloaded");
    expect(clock.now - startedAt).toBe(10_000);
    expect(source.left).toBeDefined();
    expect(account.total).toBe(0);
  });

  it("goes on when there is room again", async () => {
    const { clock, account, holding } = openAccount(2 * MB);
    const other = account.open("acme");
    other.grow(2 * MB);
    const sleep = async (ms: number) => {
      clock.now += ms;
      other.close();
    };
    const held = await holdPieces(open([1000, 1000], ok(null)), { ...holding, sleep });
    expect(held.ok).toBe(true);
  });

  it("is cut where its reader stands still, and others need the bytes", async () => {
    const { clock, account, holding } = openAccount(1 * MB);
    const pieces = valueOf(await holdPieces(open([500_000, 500_000], ok(null)), holding));
    await pieces.next();
    clock.now += MINUTE;
    const other = account.open("other");
    other.grow(1 * MB);
    expect(other.isOver).toBe(false);
    expect(account.total).toBe(MB);
    expect((await readAll(pieces)).end).toMatchObject({ ok: false, error: { code: "overloaded" } });
  });
});
