import type { TaskRequests } from "../../contract/requests.ts";
import type { Pieces } from "../../domain/answers/answer-body.ts";
import { cutEvents, readData } from "../../domain/answers/server-sent-events.ts";
import { NO_DIRECTIVES } from "../../domain/cache/cache-directives.ts";
import { sha256Hex } from "../../domain/cache/cache-key.ts";
import { asObject, isObject, type JsonObject, readJsonObject } from "../../domain/requests/json-object.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import type { InferenceOutcome } from "./outcome.ts";

/**
 * Clients of the Responses API refer to the items of an earlier answer by their ids, unless they say
 * `store: false`. A server that has the API keeps them itself. The items of answers that were made here of a
 * chat's are kept in the isolate and its data centre for an hour: enough for the next steps of an agent.
 */
const KEPT_MS = 3_600_000;

type Cache = Pick<Services, "cache" | "now">;
type Input = TaskRequests["responses"];

/** More answers than an agent's conversation has in an hour; each of them is looked up by itself. */
const MAX_ANSWERS = 100;

/**
 * The call with the items that are kept in place of references to them; those that are not are left as they
 * are. The very same call where it has none.
 */
export async function recallItems(services: Cache, call: InferenceCall): Promise<InferenceCall> {
  if (call.task !== "responses") return call;
  const body = call.body as Input;
  const { input } = body;
  if (!Array.isArray(input) || !input.some(isReference)) return call;
  const kept = new Map<string, Promise<readonly JsonObject[]>>();
  const recall = async (item: JsonObject) => {
    const answer = isReference(item) ? answerOf(item["id"]) : undefined;
    if (answer === undefined || (kept.size === MAX_ANSWERS && !kept.has(answer))) return item;
    const items = kept.get(answer) ?? findItems(services, call.caller.tenant, answer);
    kept.set(answer, items);
    return (await items).find(({ id }) => id === item["id"]) ?? item;
  };
  return { ...call, body: { ...body, input: await Promise.all(input.map(recall)) } };
}

/** Keeps the items of an answer, after it has been sent; gives the outcome to be sent. */
export function keepItems(services: Cache, call: InferenceCall, outcome: InferenceOutcome): InferenceOutcome {
  if (!mayBeKept(call)) return outcome;
  const { body } = outcome;
  const keep = (text: string) => call.defer(storeItems(services, call.caller.tenant, text));
  if (body.form === "json") keep(decoder.decode(body.bytes));
  if (body.form !== "events" || body.pieces.pipeTo) return outcome;
  const pieces = hearLast(body.pieces, (text) => keep(readLastData(text)));
  return { ...outcome, body: { ...body, pieces } };
}

/** Keeps the items of an answer that has been read to its end, as a job's is. */
export function keepOutput(services: Cache, call: InferenceCall, bytes: Uint8Array): void {
  if (!mayBeKept(call)) return;
  const text = decoder.decode(bytes);
  call.defer(storeItems(services, call.caller.tenant, call.streamed ? readLastData(text) : text));
}

const mayBeKept = ({ task, body }: InferenceCall): boolean =>
  task === "responses" && (body as Input)["store"] !== false;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const isReference = ({ type }: JsonObject) => type === "item_reference";

/** The part of an item's id that its answer's items have in common, as the gateway makes them. */
const answerOf = (id: unknown): string | undefined =>
  typeof id === "string" ? /^(?:rs|msg|fc|ctc)_([A-Za-z0-9]+)_\d+$/.exec(id)?.[1] : undefined;

/** Answers of servers that give no id are told apart by the second only, which is not enough. */
const isUnique = (answer: string) => !/^\d{9,10}$/.test(answer);

/** Far more than a model writes; so all that one request refers to is bounded too. */
const MAX_ANSWER_BYTES = 250_000;
/** As the gateway writes it, which itself stores no response. */
const MADE_HERE = '"store":false';

async function storeItems(services: Cache, tenant: string, text: string): Promise<void> {
  const { output } = (text.includes(MADE_HERE) ? readJsonObject(text) : undefined) ?? {};
  const items = Array.isArray(output) ? output.filter(isObject) : [];
  const answer = answerOf(items[0]?.["id"]);
  if (answer === undefined || !isUnique(answer)) return;
  const storedAt = services.now();
  const until = storedAt + KEPT_MS;
  const meta = {
    form: "json",
    target: "",
    storedAt,
    freshUntil: until,
    staleUntil: until,
    madeInMs: 0,
  } as const;
  const bytes = new Uint8Array(encoder.encode(JSON.stringify(items)));
  if (bytes.byteLength > MAX_ANSWER_BYTES) return;
  await services.cache.store(await keyOf(tenant, answer), { meta, bytes }, "colo");
}

async function findItems(services: Cache, tenant: string, answer: string): Promise<readonly JsonObject[]> {
  const lookup = { key: await keyOf(tenant, answer), directives: NO_DIRECTIVES, reach: "colo" } as const;
  const found = await services.cache.find(lookup, services.now(), 1);
  const items: unknown = found ? JSON.parse(decoder.decode(found.entry.bytes)) : [];
  return Array.isArray(items) ? items.filter(isObject) : [];
}

const keyOf = (tenant: string, answer: string) => sha256Hex(JSON.stringify(["items", tenant, answer]));

/** The same pieces; of a stream that comes to its end, the last one is heard. */
function hearLast(pieces: Pieces, onLast: (text: string) => void): Pieces {
  let last: Uint8Array | undefined;
  return {
    async next() {
      const step = await pieces.next();
      if (step.done !== true) last = step.value.bytes;
      else if (step.value.ok && last) onLast(decoder.decode(last));
      return step;
    },
    return: (end) => pieces.return(end),
  };
}

/** The response in the last event of its stream, as JSON text. */
function readLastData(text: string): string {
  const event = cutEvents(text).events.at(-1);
  const data = event === undefined ? undefined : readData(event);
  return JSON.stringify(asObject(readJsonObject(data ?? "")?.["response"]));
}
