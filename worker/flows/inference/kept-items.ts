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

/** Replaces references by the items that are kept; those that are not are left as they are. */
export async function recallItems(services: Cache, tenant: string, body: Input): Promise<Input> {
  const { input } = body;
  if (typeof input === "string" || !input.some(isReference)) return body;
  const kept = new Map<string, Promise<readonly JsonObject[]>>();
  const recall = async (item: JsonObject) => {
    const answer = isReference(item) ? answerOf(item["id"]) : undefined;
    if (answer === undefined) return item;
    const items = kept.get(answer) ?? findItems(services, tenant, answer);
    kept.set(answer, items);
    return (await items).find(({ id }) => id === item["id"]) ?? item;
  };
  return { ...body, input: await Promise.all(input.map(recall)) };
}

/** Keeps the items of an answer, after it has been sent; gives the outcome to be sent. */
export function keepItems(services: Cache, call: InferenceCall, outcome: InferenceOutcome): InferenceOutcome {
  const { task, body: asked, caller, defer } = call;
  if (task !== "responses" || (asked as Input)["store"] === false) return outcome;
  const { body } = outcome;
  const keep = (text: string) => defer(storeItems(services, caller.tenant, text));
  if (body.form === "json") keep(decoder.decode(body.bytes));
  if (body.form !== "events" || body.pieces.pipeTo) return outcome;
  const pieces = hearLast(body.pieces, (text) => keep(readLastData(text)));
  return { ...outcome, body: { ...body, pieces } };
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const isReference = ({ type }: JsonObject) => type === "item_reference";

/** The part of an item's id that its answer's items have in common, as the gateway makes them. */
const answerOf = (id: unknown): string | undefined =>
  typeof id === "string" ? /^(?:rs|msg|fc|ctc)_([A-Za-z0-9]+)_\d+$/.exec(id)?.[1] : undefined;

/** Answers of servers that give no id are told apart by the second only, which is not enough. */
const isUnique = (answer: string) => !/^\d{9,10}$/.test(answer);

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
