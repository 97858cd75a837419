import type { Pieces, StreamEnd } from "../../domain/answers/answer-body.ts";
import type { Settlement } from "../../domain/money/settle.ts";
import { err, ok } from "../../domain/result.ts";
import { BEAT_MS, type Flight } from "../../streams/flight.ts";
import { answerCall } from "./answer-call.ts";
import type { FlightHead } from "./flight-head.ts";
import { type KeyedCall, storeAnswer } from "./store-answer.ts";

/** A stream that is held back is not shared with requests that want it as it comes, nor theirs with it. */
export const flightKeyOf = ({ call, key }: KeyedCall): string => (call.holds ? `${key} held` : key);

/**
 * Makes the call for all requests that share the flight, shows them regularly that it still runs, and aborts
 * it when no reader is left. `onSettled` is called with what a stream cost, at its end.
 */
export async function leadFlight(
  keyed: KeyedCall,
  flight: Flight<FlightHead>,
  onSettled: (settlement: Settlement) => void,
): Promise<void> {
  const { services, call } = keyed;
  const key = flightKeyOf(keyed);
  const work = new AbortController();
  const beat = () => {
    flight.beat();
    if (flight.readers > 0) return;
    // Nobody is to join what is being given up.
    services.flights.close(key, flight);
    work.abort();
  };
  const onLeave = () => queueMicrotask(beat);
  const timer = setInterval(beat, BEAT_MS);
  call.signal.addEventListener("abort", onLeave);
  beat();
  try {
    const own = { ...call, signal: work.signal, deadline: flight.deadline, mayPipe: false };
    await fly({ ...keyed, call: own }, flight, onSettled);
  } catch (error) {
    services.log.warn("flight_failed", { request: call.requestId, error });
    const failed = err({ code: "internal_error" as const });
    flight.begin(failed);
    flight.finish(failed);
  } finally {
    clearInterval(timer);
    call.signal.removeEventListener("abort", onLeave);
    services.flights.close(key, flight);
    flight.release();
  }
}

async function fly(
  keyed: KeyedCall,
  flight: Flight<FlightHead>,
  onSettled: (settlement: Settlement) => void,
): Promise<void> {
  const { services, call, plan } = keyed;
  const startedAt = services.now();
  const answered = await answerCall(services, call, plan);
  if (!answered.ok) return flight.begin(answered);
  const { target, attempts, answer } = answered.value;
  if (answer.form === "raw") throw new Error("bytes that are passed on unread are not shared");
  const storing = { ...keyed, target, startedAt };
  if (answer.form === "json") {
    flight.begin(ok({ target, attempts, body: answer }));
    const piece = { bytes: answer.bytes, usageOnly: false, deltas: 0 };
    return storeAnswer(storing, [piece], answer.settlement);
  }
  flight.begin(ok({ target, attempts, body: { form: "events" } }));
  const end = await broadcast(answer.pieces, flight, call.signal);
  const settlement = await answer.settlement;
  onSettled(settlement);
  if (end.ok && flight.recorded) await storeAnswer(storing, flight.recorded, settlement);
}

/** Hands a stream's pieces to the flight as they come, and no faster than there is room for them. */
async function broadcast(
  pieces: Pieces,
  flight: Flight<FlightHead>,
  signal: AbortSignal,
): Promise<StreamEnd> {
  let next = await pieces.next();
  while (!next.done) {
    flight.add(next.value);
    if (flight.isFull) await flight.makeRoom({ signal });
    next = await pieces.next();
  }
  flight.finish(next.value);
  return next.value;
}
