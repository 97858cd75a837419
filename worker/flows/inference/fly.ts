import type { GatewayError } from "../../contract/errors.ts";
import type { AnswerBody, PieceGenerator, Pieces, StreamEnd } from "../../domain/answers/answer-body.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { computeCost } from "../../domain/money/cost.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { BEAT_MS, type Flight } from "../../streams/flights.ts";
import { callTargets, type TargetAnswer } from "../targets/call-targets.ts";
import type { InferenceCall } from "../call.ts";
import { type KeyedCall, storeAnswer } from "./store-answer.ts";

/** What riders learn before the first byte; a whole answer comes with it, a stream follows. */
export interface SharedHead {
  readonly target: Target;
  readonly attempts: number;
  readonly costUsd: number | undefined;
  readonly body: Extract<AnswerBody, { form: "json" }> | { readonly form: "events" };
}

export interface SharedAnswer extends TargetAnswer {
  /** The answer came from a call that another request made. */
  readonly collapsed: boolean;
}

/** After this many leaders died on it, a request makes the call for itself. */
const MAX_BOARDINGS = 3;
/** A longer stream is given up: it could not be kept for those who join. */
const MAX_SHARED_BYTES = 32 * 1024 * 1024;

/** Joins the identical call in progress, or leads one that others may join. */
export async function shareCall(
  keyed: KeyedCall,
  mayJoin: boolean,
): Promise<Result<SharedAnswer, GatewayError>> {
  const { services, call, key } = keyed;
  for (let boardings = mayJoin ? MAX_BOARDINGS : 0; boardings > 0; boardings--) {
    const flight = services.flights.get(key);
    if (!flight) break;
    const answer = await ride(flight, call, true);
    if (answer) return answer;
  }
  const flight = services.flights.open(key);
  call.defer(lead(keyed, flight));
  return (
    (await ride(flight, call, false)) ?? err({ code: "internal_error", reason: "a leader without a beat" })
  );
}

/**
 * Makes sure a call is in progress that will renew the cache, and does not wait for it. One at a
 * time: whoever comes while it runs is served the old answer.
 */
export function refresh(keyed: KeyedCall): void {
  const { services, call, key } = keyed;
  if (services.flights.get(key)) return;
  const flight = services.flights.open(key);
  flight.riders++;
  call.defer(lead(keyed, flight));
}

/** Waits on a flight and reads from it; undefined when its leader died before the first byte. */
async function ride(
  flight: Flight<SharedHead>,
  call: InferenceCall,
  collapsed: boolean,
): Promise<Result<SharedAnswer, GatewayError> | undefined> {
  const leave = board(flight, call.signal);
  const head = await flight.board(!collapsed);
  if (!head?.ok) {
    leave();
    return head;
  }
  const { target, attempts, body } = head.value;
  // Those who share a call have its answer for nothing.
  const costUsd = collapsed ? 0 : head.value.costUsd;
  if (body.form === "events") {
    const pieces = readAndLeave(flight, leave, !collapsed);
    return ok({ target, attempts, collapsed, costUsd, body: { form: "events", pieces } });
  }
  leave();
  return ok({ target, attempts, collapsed, costUsd, body });
}

/** Counts a rider in; the function given back counts it out, once, as does its client's leaving. */
function board(flight: Flight<SharedHead>, signal: AbortSignal): () => void {
  flight.riders++;
  let aboard = true;
  const leave = () => {
    if (aboard) flight.riders--;
    aboard = false;
    signal.removeEventListener("abort", leave);
  };
  signal.addEventListener("abort", leave);
  return leave;
}

async function* readAndLeave(flight: Flight<SharedHead>, leave: () => void, own: boolean): PieceGenerator {
  try {
    return yield* flight.read(own);
  } finally {
    leave();
  }
}

/** Makes the call for all who ride, beating while it lives, and gives it up when none is left. */
async function lead(keyed: KeyedCall, flight: Flight<SharedHead>): Promise<void> {
  const { services, call, key } = keyed;
  const work = new AbortController();
  const beat = () => {
    flight.beat();
    if (flight.riders === 0) work.abort();
  };
  const onLeave = () => queueMicrotask(beat);
  const timer = setInterval(beat, BEAT_MS);
  call.signal.addEventListener("abort", onLeave);
  try {
    await fly({ ...keyed, call: { ...call, signal: work.signal } }, flight);
  } catch (error) {
    services.log.warn("flight_failed", { request: call.requestId, error });
    const failed = err({ code: "internal_error" as const });
    flight.begin(failed);
    flight.finish(failed);
  } finally {
    clearInterval(timer);
    call.signal.removeEventListener("abort", onLeave);
    services.flights.close(key, flight);
  }
}

async function fly(keyed: KeyedCall, flight: Flight<SharedHead>): Promise<void> {
  const { services, route, call } = keyed;
  const startedAt = services.now();
  const answer = await callTargets(services, route, call);
  if (!answer.ok) return flight.begin(answer);
  const { target, attempts, body, costUsd } = answer.value;
  if (body.form === "raw") throw new Error("bytes that are passed on unread are not shared");
  const storing = { ...keyed, target, startedAt };
  if (body.form === "json") {
    flight.begin(ok({ target, attempts, costUsd, body }));
    return storeAnswer(storing, [{ bytes: body.bytes, usageOnly: false, deltas: 0 }], costUsd);
  }
  flight.begin(ok({ target, attempts, costUsd, body: { form: "events" } }));
  const end = await broadcast(body.pieces, flight);
  if (end.ok) await storeAnswer(storing, flight.pieces, computeCost(end.value, target));
}

/** Hands a stream's pieces to the flight as they come; one too long to be kept is broken off. */
async function broadcast(pieces: Pieces, flight: Flight<SharedHead>): Promise<StreamEnd> {
  const tooLong: StreamEnd = err({
    code: "upstream_invalid_response",
    reason: "the stream is too long to share",
  });
  let size = 0;
  let next = await pieces.next();
  while (!next.done) {
    size += next.value.bytes.byteLength;
    flight.add(next.value);
    next = size > MAX_SHARED_BYTES ? await pieces.return(tooLong) : await pieces.next();
  }
  flight.finish(next.value);
  return next.value;
}
