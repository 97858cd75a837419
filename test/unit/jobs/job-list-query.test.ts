import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJobId } from "../../../worker/domain/jobs/job-id.ts";
import { decodeCursor, encodeCursor, parseListQuery } from "../../../worker/domain/jobs/job-list-query.ts";
import { errorOf, valueOf } from "../unwrap-result.ts";

const ID = encodeJobId("ab".repeat(32));
const parse = (search: string) => parseListQuery(new URLSearchParams(search));

const id = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => encodeJobId(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")));
const position = fc.record({ createdAt: fc.integer({ min: 0, max: 8_640_000_000_000 }), id });

describe("the query of a list", () => {
  it("asks for the twenty newest where it says nothing", () => {
    const filter = { statuses: null, model: null, metadata: [] };
    expect(valueOf(parse(""))).toEqual({ filter, after: null, limit: 20 });
  });

  it("takes statuses repeated and separated by commas, each once", () => {
    const { filter } = valueOf(parse("status=failed,expired&status=queued&status=failed"));
    expect(filter.statuses).toEqual(["queued", "failed", "expired"]);
  });

  it("takes a model, labels, a cursor and a limit together", () => {
    const after = { createdAt: 5, id: ID };
    const search = new URLSearchParams([
      ["model", "chat"],
      ["metadata[user]", "42"],
      ["metadata[a[b]]", ""],
      ["after", encodeCursor(after)],
      ["limit", "100"],
    ]);
    expect(valueOf(parseListQuery(search))).toEqual({
      filter: {
        statuses: null,
        model: "chat",
        metadata: [
          ["user", "42"],
          ["a[b]", ""],
        ],
      },
      after,
      limit: 100,
    });
  });

  it.each([
    ["status=done", "status"],
    ["status=", "status"],
    ["status=queued,", "status"],
    ["model=", "model"],
    ["model=a&model=b", "model"],
    [`model=${"a".repeat(257)}`, "model"],
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=1e1", "limit"],
    ["limit=+5", "limit"],
    ["limit=", "limit"],
    ["limit=5&limit=5", "limit"],
    ["after=", "after"],
    ["after=bmV4dA", "after"],
    [
      `after=${encodeCursor({ createdAt: 5, id: ID })}&after=${encodeCursor({ createdAt: 5, id: ID })}`,
      "after",
    ],
    ["metadata[user]=1&metadata[user]=2", "metadata[user]"],
    [`metadata[user]=${"a".repeat(513)}`, "metadata[user]"],
    ["metadata[]=1", "metadata[]"],
    [`metadata[${"a".repeat(65)}]=1`, `metadata[${"a".repeat(65)}]`],
    ["metadata=1", "metadata"],
    ["stauts=failed", "stauts"],
    [`${"a".repeat(200)}=1`, "a".repeat(80)],
    [Array.from({ length: 17 }, (_, index) => `metadata[${index}]=1`).join("&"), "metadata"],
  ])("refuses %s and names what is at fault", (search, param) => {
    const error = errorOf(parse(search));
    expect(error).toMatchObject({ code: "invalid_request", param });
    expect(error.message).toContain(param);
  });
});

describe("a cursor", () => {
  it("leads back to its position, and is safe in a URL", () => {
    fc.assert(
      fc.property(position, (place) => {
        const cursor = encodeCursor(place);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(decodeCursor(cursor)).toEqual(place);
      }),
    );
  });

  it("has one spelling, and is not read out of anything else", () => {
    const cursor = encodeCursor({ createdAt: 5, id: ID });
    const spelled = (text: string) => btoa(text).replace(/=+$/, "");
    const others = [`05 ${ID}`, `5 ${ID} `, `5  ${ID}`, `-5 ${ID}`, `5.5 ${ID}`, `5 job_1`, ` ${ID}`].map(
      spelled,
    );
    for (const other of [...others, `${cursor}=`, `${cursor}A`, cursor.slice(1), "A", "AAAAA"]) {
      expect(decodeCursor(other)).toBeUndefined();
    }
    fc.assert(fc.property(fc.string({ maxLength: 120 }), (text) => decodeCursor(text) === undefined));
  });
});
