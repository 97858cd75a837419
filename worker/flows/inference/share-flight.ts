import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { settleFree, type Settlement } from "../../domain/money/settle.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Flight, Waiting } from "../../streams/flight.ts";
import type { Place } from "../../streams/shared-pieces.ts";
import { hearEnd } from "../../streams/hear-end.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import type { FailedPlan } from "../targets/seeker.ts";
import type { TargetAnswer } from "./answer-call.ts";
import type { FlightHead } from "./flight-head.ts";
import { flightKeyOf, leadFlight } from "./lead-flight.ts";
import type { KeyedCall } from "./store-answer.ts";

export interface SharedAnswer extends TargetAnswer {
  /** The answer came from a call that another request made. */
  readonly collapsed: boolean;
}

/** After it has joined this many flights whose leader was stopped, a request leads one itself. */
const MAX_JOINS = 3;

/** How long a refresh may take, as a request that sets no deadline; the platform may end it sooner. */
const REFRESH_MS = 900_000;

/** Joins the identical call in progress, or leads one that others may join. */
export async function shareFlight(
  keyed: KeyedCall,
  mayJoin: boolean,
): Promise<Result<SharedAnswer, FailedPlan>> {
  const { services, call } = keyed;
  const key = flightKeyOf(keyed);
  for (let joins = mayJoin ? MAX_JOINS : 0; joins > 0; joins--) {
    const flight = services.flights.get(key);
    if (!flight) break;
    const answer = await follow(services, flight, call);
    if (answer) return answer;
  }
  const flight = services.flights.open(key, call.caller.tenant);
  const { place, leave } = join(flight, call);
  const waiting = { own: true, deadlineAt: call.deadline.at };
  const settled = Promise.withResolvers<Settlement>();
  call.defer(leadFlight(keyed, flight, settled.resolve));
  const head = await flight.waitForHead(waiting);
  if (!head) return err({ code: "internal_error", reason: "a flight without a head" });
  return take(flight, head, { place, leave, waiting, settlement: settled.promise });
}

/**
 * Makes sure that a call which will renew the cache is in progress, and does not wait for it. One at a
 * time: requests that come while it runs are served the old answer. The deadline of the request that found the
 * old answer is not the refresh's: it has its answer.
 */
export function refresh(keyed: KeyedCall): void {
  const { services, call } = keyed;
  const key = flightKeyOf(keyed);
  if (services.flights.get(key)) return;
  const flight = services.flights.open(key, call.caller.tenant);
  flight.join(services.now() + REFRESH_MS, false);
  call.defer(leadFlight(keyed, flight, () => undefined));
}

/**
 * Waits for another request's call; undefined where this request is to ask by itself: the call was stopped before
 * the answer began, or ran out of time just before this request joined, which has some left; or it was never made,
 * for the work that leads can wait, and this request perhaps not.
 */
async function follow(
  { now }: Pick<Services, "now">,
  flight: Flight<FlightHead>,
  call: InferenceCall,
): Promise<Result<SharedAnswer, FailedPlan> | undefined> {
  const { place, leave } = join(flight, call);
  const waiting = { own: false, deadlineAt: call.deadline.at };
  const head = await flight.waitForHead(waiting);
  const error = head?.ok === false ? head.error : undefined;
  const isOthersEnd =
    error?.uncalled === true || (error?.code === "deadline_exceeded" && now() < call.deadline.at);
  if (head && !isOthersEnd) return take(flight, head, { place, leave, waiting });
  leave();
  return undefined;
}

/** Adds a reader. `leave`, or the client's leaving, takes it away again, once. */
function join(flight: Flight<FlightHead>, { signal, deadline }: InferenceCall): Joined {
  const place = flight.join(deadline.at);
  const leave = () => {
    flight.leave(place);
    signal.removeEventListener("abort", leave);
  };
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  return { place, leave };
}

interface Joined {
  readonly place: Place;
  readonly leave: () => void;
}

interface Taking extends Joined {
  readonly waiting: Waiting;
  /**
   * Given for the request that leads: it pays. Others get the answer for free, and see its end as they read.
   */
  readonly settlement?: Promise<Settlement>;
}

function take(
  flight: Flight<FlightHead>,
  head: Result<FlightHead, FailedPlan>,
  { place, leave, waiting, settlement }: Taking,
): Result<SharedAnswer, FailedPlan> {
  if (!head.ok) {
    leave();
    return head;
  }
  const { target, attempts, body } = head.value;
  const collapsed = waiting.own !== true;
  if (body.form === "json") {
    leave();
    const { usage, estimated } = body.settlement;
    const answer = collapsed ? { ...body, settlement: settleFree(estimated ? null : usage, true) } : body;
    return ok({ target, attempts, collapsed, answer });
  }
  const followed = Promise.withResolvers<Settlement>();
  const pieces = hearEnd(flight.read(place, waiting), (end) => {
    leave();
    followed.resolve(settleFree(end?.ok ? end.value : null, end?.ok === true));
  });
  const answer: AnswerBody = { form: "events", pieces, settlement: settlement ?? followed.promise };
  return ok({ target, attempts, collapsed, answer });
}
