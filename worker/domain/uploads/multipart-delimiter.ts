import { createSearch } from "./multipart-search.ts";

/** Finds a form's delimiter in the content of a part, and what only some parsers take for one. */
export interface DelimiterSearch {
  /** Where the next one begins, -1 where there is none; "half" where it lacks the carriage return. */
  find(bytes: Uint8Array, from: number): number | "half";
  /** Where, at the end of the bytes, one may have begun; their length where none has. */
  holdFrom(bytes: Uint8Array, from: number): number;
}

const CR = 13;

/** Takes the delimiter with the line end that belongs to it. A line feed alone begins a line for some parsers. */
export function createDelimiterSearch(delimiter: Uint8Array): DelimiterSearch {
  const search = createSearch(delimiter.subarray(1));
  return {
    find(bytes, from) {
      const lineFeed = search.find(bytes, from);
      if (lineFeed < 0) return -1;
      return lineFeed > from && bytes[lineFeed - 1] === CR ? lineFeed - 1 : "half";
    },
    holdFrom(bytes, from) {
      const lineFeed = search.holdFrom(bytes, from);
      return lineFeed > from && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed;
    },
  };
}
