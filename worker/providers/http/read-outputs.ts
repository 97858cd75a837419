import * as z from "zod/mini";
import { checkUntilWrong } from "../../contract/check-until-wrong.ts";
import { parseText } from "../../domain/answers/parse-answer.ts";
import type { AnswerFailure } from "../../domain/routing/adapter.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Label, Score } from "../../domain/answers/shape-answer.ts";
import { findPlace } from "./find-place.ts";

type Read<T> = Result<T, AnswerFailure>;

const invalid = (reason: string): Read<never> => err({ kind: "invalid_response", reason });

/** Reads JSON and gives the value at a path in it. */
export function readPlace(text: string, place: string): Read<unknown> {
  const json = parseText(text);
  if (!json.ok) return json;
  const found = findPlace(json.value, place);
  return found === undefined ? invalid(`nothing stands at '${place}'`) : ok(found);
}

const list = z.array(z.unknown());

/** Reads a list of outputs, each with a reader that gives undefined for what it cannot read. */
export function readOutputs<T>(
  text: string,
  place: string,
  read: (output: unknown, index: number) => T | undefined,
): Read<readonly T[]> {
  const found = readPlace(text, place);
  if (!found.ok) return found;
  const outputs = checkUntilWrong(list, found.value);
  if (!outputs.success) return invalid(`no list stands at '${place}'`);
  const values: T[] = [];
  for (const [index, output] of outputs.data.entries()) {
    const value = read(output, index);
    if (value === undefined) return invalid(`output ${index} of '${place}' has another shape`);
    values.push(value);
  }
  return ok(values);
}

/** Its numbers are checked one by one, but not by zod: a large answer has millions. */
export function readVector(output: unknown, place: string): readonly number[] | undefined {
  const vector = Array.isArray(output) ? (output as unknown[]) : findPlace(output, place);
  if (!Array.isArray(vector) || vector.length === 0) return undefined;
  return vector.every((value) => typeof value === "number") ? vector : undefined;
}

interface LabelPlaces {
  readonly label: string;
  readonly score: string;
}

/** One label with its score, or a list of them. */
export function readLabels(output: unknown, places: LabelPlaces): readonly Label[] | undefined {
  const labels: Label[] = [];
  for (const each of Array.isArray(output) ? (output as unknown[]) : [output]) {
    const label = findPlace(each, places.label);
    const score = findPlace(each, places.score);
    if (typeof label !== "string" || typeof score !== "number") return undefined;
    labels.push({ label, score });
  }
  return labels.length > 0 ? labels : undefined;
}

interface ScorePlaces {
  readonly index: string;
  readonly score: string;
}

/** A plain number is the score of the document with the same index. */
export function readScore(output: unknown, place: number, places: ScorePlaces): Score | undefined {
  if (typeof output === "number") return { index: place, score: output };
  const index = findPlace(output, places.index);
  const score = findPlace(output, places.score);
  return typeof index === "number" && typeof score === "number" ? { index, score } : undefined;
}
