import { deriveId } from "../../dialects/turn-head.ts";
import { isObject, type JsonObject } from "../../domain/requests/json-object.ts";

interface Known {
  /** Its number at the provider, where it has one. */
  readonly given: number | undefined;
  readonly id: string;
}

/**
 * The tool calls of one answer, each with a number, an id and a type of its own. Some servers number every call
 * 0 or none (Ollama, SGLang, Gemini), and give no ids or empty ones: clients join by them what are several calls.
 */
export class CallNumbers {
  readonly #known: Known[] = [];

  /** Whether there has been a call. */
  get any(): boolean {
    return this.#known.length > 0;
  }

  /** Calls, or parts of them, in their order; the same where nothing is amiss. Ids are made of the answer's. */
  mend(calls: readonly unknown[], answer: JsonObject): readonly unknown[] {
    const mended = calls.map((call) => (isObject(call) ? this.#mendOne(call, answer) : call));
    return mended.every((call, at) => call === calls[at]) ? calls : mended;
  }

  #mendOne(call: JsonObject, answer: JsonObject): JsonObject {
    const given = typeof call["index"] === "number" ? call["index"] : undefined;
    const id = typeof call["id"] === "string" ? call["id"] : "";
    const found = this.#known.findLastIndex((known) => isSame(known, { given, id }));
    if (found >= 0) return given === found ? call : { ...call, index: found };
    const index = this.#known.push({ given, id }) - 1;
    const { type } = call;
    if (given === index && id !== "") return call;
    return { ...call, index, id: id === "" ? makeId(answer, index) : id, type: type || "function" };
  }
}

/** A part without an id goes on with the call of its number, or with the last one; another id is another call. */
const isSame = (known: Known, { given, id }: Known): boolean =>
  (given === undefined || given === known.given) && (id === "" || id === known.id);

function makeId({ id, created }: JsonObject, index: number): string {
  const head = {
    id: typeof id === "string" ? id : undefined,
    created: typeof created === "number" ? created : undefined,
  };
  return `call_${deriveId({ ...head, model: "" })}_${index}`;
}
