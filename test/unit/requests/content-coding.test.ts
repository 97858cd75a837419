import { describe, expect, it } from "vitest";
import { readContentCoding } from "../../../worker/domain/requests/content-coding.ts";

describe("readContentCoding", () => {
  it.each([
    [null, undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip", "gzip"],
    ["GZip", "gzip"],
    ["x-gzip", "gzip"],
    ["identity, deflate", "deflate"],
  ])("reads %s as %s", (header, coding) => {
    expect(readContentCoding(header)).toEqual({ ok: true, value: coding });
  });

  it.each(["br", "zstd", "x-odd", "gzip, gzip", "deflate, br", "gzip;q=1", "constructor", "__proto__"])(
    "refuses %s, and says what is read",
    (header) => {
      expect(readContentCoding(header)).toMatchObject({
        ok: false,
        error: { code: "unsupported_media_type", acceptEncoding: "gzip, deflate" },
      });
    },
  );
});
