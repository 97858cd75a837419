import type { TaskRequests } from "../../contract/requests.ts";
import { sha256Hex } from "../../domain/cache/cache-key.ts";
import type { Defer } from "../../domain/facts/fact.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { GroupAnswer, SharedCall, WindowEntry } from "../../domain/windows/request-window-protocol.ts";
import { splitAnswer } from "../../domain/windows/split-answer.ts";
import { buildGroupBody, mergeItems, type WindowTask } from "../../domain/windows/window-items.ts";
import type { Limiter } from "../../platform/limiter.ts";
import type { Services } from "../services.ts";
import { attemptTarget } from "../targets/attempt-target.ts";
import type { Destination } from "../targets/destination.ts";

/** A call for several requests or jobs, with all that it needs. */
export interface GroupCall extends Omit<SharedCall, "spec"> {
  readonly to: Destination;
  readonly task: WindowTask;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly defer: Defer;
  /** The same call may be made again: the provider gets an idempotency key made of the entries' ids. */
  readonly repeatable?: boolean;
  readonly inTurn?: Limiter | undefined;
}

/**
 * Makes one call for several requests, and gives each its part, in their order. Where the provider refuses the
 * input, the requests are split in two and called for again, until the one at fault is alone: the others get
 * their answers.
 */
export async function callGroup(services: Services, call: GroupCall): Promise<readonly GroupAnswer[]> {
  const answers = await callOnce(services, call);
  const { entries } = call;
  if (answers.ok) return answers.value;
  // Of a call that was given up, nothing says that anybody was at fault.
  const isGivenUp = call.signal.aborted;
  if (entries.length === 1 || isGivenUp || !isSomebodysFault(answers.error))
    return entries.map(() => answers);
  const middle = Math.ceil(entries.length / 2);
  const first = await callGroup(services, { ...call, entries: entries.slice(0, middle) });
  const second = await callGroup(services, { ...call, entries: entries.slice(middle) });
  return [...first, ...second];
}

/** Whether the input of one of the requests caused the failure. */
const isSomebodysFault = ({ error, tryNext }: UpstreamFailure): boolean =>
  error.code === "context_length_exceeded" || (!tryNext && error.code !== "client_closed");

async function callOnce(
  services: Services,
  call: GroupCall,
): Promise<Result<readonly GroupAnswer[], UpstreamFailure>> {
  const { to, task, parameters, entries } = call;
  const { items, places } = mergeItems(entries.map((entry) => entry.items));
  const asked = { ...parameters, model: to.route.name } as TaskRequests[typeof task];
  const body = await attemptTarget(services, to, {
    requestId: call.id,
    caller: undefined,
    sharedBy: entries.length,
    task,
    body: buildGroupBody(task, asked, items),
    streamed: false,
    showsUsage: false,
    deadline: call.deadline,
    signal: call.signal,
    traceparent: undefined,
    defer: call.defer,
    idempotencyKey: call.repeatable === true ? await nameCall(entries) : undefined,
    inTurn: call.inTurn,
  });
  if (!body.ok) return body;
  if (body.value.form !== "json") return err(failure("upstream_invalid_response", "not one JSON answer"));
  const { bytes, settlement, rotated } = body.value;
  const usage = settlement.estimated ? null : settlement.usage;
  const shares = entries.map(({ tokens }, at) => ({ places: places[at] ?? [], tokens: sum(tokens) }));
  const answer = { body: new TextDecoder().decode(bytes), usage };
  const parts = splitAnswer(task, answer, items.length, shares);
  return ok(
    parts.map((part) =>
      part.ok
        ? ok({ ...part.value, ...(rotated && { rotated }) })
        : err(failure("upstream_invalid_response", part.error)),
    ),
  );
}

/** The same key for the same jobs; a job alone has its own id as the key. */
const nameCall = async (entries: readonly WindowEntry[]): Promise<string> =>
  entries.length === 1 && entries[0]
    ? entries[0].id
    : `group_${await sha256Hex(entries.map(({ id }) => id).join("\n"))}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
