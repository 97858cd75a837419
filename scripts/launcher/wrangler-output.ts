import { stripVTControlCharacters } from "node:util";

/** Lines of wrangler's start that are of no use to the user. */
const NOISE = /^(Using (secrets|vars) defined|Your Worker has access|Binding\s{2,}|env\.\S+ |⎔ Starting)/;

/** A line of wrangler's as text, without colours; undefined for noise. */
export function cleanLine(line: string): string | undefined {
  const text = stripVTControlCharacters(line).trimEnd();
  return text === "" || NOISE.test(text) ? undefined : text;
}

/** Whether a build has failed: wrangler does not exit then, but waits for the source to change. */
export const hasFailedBuild = (lines: readonly string[]): boolean =>
  lines.some((line) => line.includes("[ERROR] Build failed"));

/** The first error, in one line, with its position in the source where wrangler names one. */
export function summariseErrors(lines: readonly string[]): string | undefined {
  const errors = lines.flatMap((line, at) => {
    const message = /\[ERROR\] (.+)$/.exec(line)?.[1];
    return message === undefined || message.startsWith("Build failed") ? [] : [{ message, at }];
  });
  const [first] = errors;
  if (first === undefined) return undefined;
  const message = first.message.replace(/^service core:user:\S+: /, "").replace(/[.:]$/, "");
  const place = findPlace(lines.slice(first.at + 1));
  return place === undefined ? message : `${message} (${place})`;
}

const findPlace = (lines: readonly string[]): string | undefined =>
  lines.map((line) => /^\s*(\S+\.[a-z]+:\d+:\d+):?$/.exec(line)?.[1]).find((place) => place !== undefined);
