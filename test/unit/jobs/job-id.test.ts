import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JOB_ID } from "../../../worker/contract/jobs/job-id.ts";
import { decodeJobId, encodeJobId, jobObjectName } from "../../../worker/domain/jobs/job-id.ts";

const objectId = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""));

describe("a job's id", () => {
  it("leads back to its object, and to no other", () => {
    fc.assert(
      fc.property(objectId, (id) => {
        expect(encodeJobId(id)).toMatch(JOB_ID);
        expect(decodeJobId(encodeJobId(id))).toBe(id);
      }),
    );
  });

  it("has one spelling: another of the same bytes is no id", () => {
    const id = encodeJobId("00".repeat(32));
    expect(id).toBe(`job_${"A".repeat(43)}`);
    expect(decodeJobId(`job_${"A".repeat(42)}B`)).toBeUndefined();
  });

  it("is not read out of anything else", () => {
    fc.assert(fc.property(fc.string(), (text) => decodeJobId(text) === undefined));
    for (const text of [
      "",
      "job_",
      `job_${"A".repeat(42)}`,
      `job_${"A".repeat(44)}`,
      `job_${"=".repeat(43)}`,
    ]) {
      expect(decodeJobId(text)).toBeUndefined();
    }
  });
});

describe("the name of a keyed job's object", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
  const key = fc.stringMatching(/^[\x20-\x7e]{1,40}$/);
  const source = fc.constantFrom("client" as const, "content" as const);

  it("differs wherever tenant, source or key differ", () => {
    const parts = fc.tuple(name, source, key);
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const nameOf = ([tenant, from, text]: typeof one) =>
          jobObjectName(tenant, { source: from, key: text });
        expect(nameOf(one) === nameOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});
