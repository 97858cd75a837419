import type { Pieces, StreamEnd } from "../../domain/answers/answer-body.ts";
import type { Settlement } from "../../domain/money/settle.ts";
import { err, ok } from "../../domain/result.ts";
import { BEAT_MS, type Flight } from "../../streams/flights.ts";
import { answerCall } from "./answer-call.ts";
import type { FlightHead } from "./flight-head.ts";
import { type KeyedCall, storeAnswer } from "./store-answer.ts";

/** A longer stream is given up: it could not be kept for requests that join later. */
const MAX_SHARED_BYTES = 32 * 1024 * 1024;

/**
 * Makes the call for all requests that share the flight, shows them regularly that it still runs, and aborts
 * it when no reader is left. `onSettled` is called with what a stream cost, at its end.
 */
export async function leadFlight(
  keyed: KeyedCall,
  flight: Flight<FlightHead>,
  onSettled: (settlement: Settlement) => void,
): Promise<void> {
  const { services, call, key } = keyed;
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
  const end = await broadcast(answer.pieces, flight);
  const settlement = await answer.settlement;
  onSettled(settlement);
  if (end.ok) await storeAnswer(storing, flight.pieces, settlement);
}

/** Hands a stream's pieces to the flight as they come; a stream that is too long to keep is aborted. */
async function broadcast(pieces: Pieces, flight: Flight<FlightHead>): Promise<StreamEnd> {
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
