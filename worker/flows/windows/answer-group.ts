import type { GatewayError } from "../../contract/errors.ts";
import type { TaskRequests } from "../../contract/requests.ts";
import { decideCachePolicy } from "../../domain/cache/cache-directives.ts";
import type { WindowReference } from "../../contract/jobs/run-report.ts";
import { knownCost, settle } from "../../domain/money/settle.ts";
import { Deadline } from "../../domain/requests/deadline.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Route, Target } from "../../domain/routing/catalog.ts";
import { type Plan, refuseEmpty } from "../../domain/routing/plan-targets.ts";
import type { GroupAnswer, WindowEntry } from "../../domain/windows/request-window-protocol.ts";
import type { RotatedTry } from "../../domain/routing/upstream-failure.ts";
import { isWindowTask, readItems } from "../../domain/windows/window-items.ts";
import { createLimiter, type Limiter } from "../../platform/limiter.ts";
import type { InferenceCall } from "../call.ts";
import { lookUp } from "../inference/look-up.ts";
import type { InferenceOutcome } from "../inference/outcome.ts";
import { replayAnswer } from "../inference/replay-answer.ts";
import { buildKey, type KeyedCall, storeAnswer } from "../inference/store-answer.ts";
import { tellAnswer } from "../inference/tell-answer.ts";
import type { Services } from "../services.ts";
import { followPlan } from "../targets/follow-plan.ts";
import { repeatsOf } from "../targets/repeats.ts";
import type { FailedPlan, Followed } from "../targets/seeker.ts";
import { planCall } from "../targets/plan-call.ts";
import { callGroup } from "./call-group.ts";
import type { GroupRun, Member, MemberEnd } from "./group-run.ts";

/** The platform lets six connections wait for their headers at once. */
const LOOKUPS_AT_ONCE = 4;

interface Members {
  readonly route: Route;
  readonly members: readonly Member[];
  readonly signal: AbortSignal;
  readonly inTurn: Limiter | undefined;
}

/**
 * Answers a group's jobs: from the cache, where one has asked the same before; the others by shared calls of
 * the route's targets. An answer is kept under the key that the job's own call would have.
 */
export async function answerGroup(
  services: Services,
  group: GroupRun,
  { route, members, signal, inTurn }: Members,
): Promise<readonly MemberEnd[]> {
  const [first] = members.flatMap(({ call }) => (call.ok ? [call.value] : []));
  if (!first) return members.flatMap(({ entry, call }) => (call.ok ? [] : [endUncalled(entry, call.error)]));
  const plan = planCall(services, { ...first, body: group.spec.parameters }, { keeps: false });
  const inLookup = createLimiter(LOOKUPS_AT_ONCE);
  const opened = await Promise.all(
    members.map((member) => inLookup(() => openMember(services, plan, member))),
  );
  const open = opened.filter((each): each is OpenMember => "call" in each);
  const ends = await followPlan<OpenMember, GroupPart>({
    plan,
    members: open,
    attempt: (target, left) => attempt(services, group, { route, target, left, signal, inTurn }),
    signal,
    now: services.now,
    repeats: repeatsOf(services, { route, run: { isRepeat: group.tries > 1 } }),
  });
  const endOf = new Map(open.map((member, at) => [member, ends[at]]));
  return opened.map((each) => ("call" in each ? conclude(services, each, endOf.get(each)) : each));
}

/** A job that needs a call, for it was not found in the cache. */
interface OpenMember {
  readonly entry: Member["entry"];
  readonly call: InferenceCall;
  readonly deadline: Deadline;
  /** Its part in a call. */
  readonly part: WindowEntry;
  /** Absent where its answer is not to be kept. */
  readonly keyed: KeyedCall | undefined;
  /** The last call that was made for it. */
  window?: WindowReference;
}

/** A member's part of an answer. */
interface GroupPart {
  readonly body: string;
  readonly usage: InferenceUsage;
  readonly startedAt: number;
  readonly rotated?: readonly RotatedTry[];
}
type InferenceUsage = Extract<GroupAnswer, { ok: true }>["value"]["usage"];

const endUncalled = (entry: Member["entry"], error: GatewayError): MemberEnd => ({
  entry,
  attempts: [],
  window: undefined,
  outcome: err(error),
});

async function openMember(
  services: Services,
  plan: Plan,
  { entry, call }: Member,
): Promise<OpenMember | MemberEnd> {
  if (!call.ok) return endUncalled(entry, call.error);
  const { task, body, directives, deadline, route } = call.value;
  const list = isWindowTask(task) ? readItems(task, body as TaskRequests[typeof task]) : undefined;
  const [first] = plan.targets;
  if (!list || !first) return endUncalled(entry, refuseEmpty(plan));
  const policy = decideCachePolicy(task, body, route.cache, directives);
  const keyed = policy.store
    ? { services, call: call.value, plan, key: await buildKey(first, call.value) }
    : undefined;
  const found = keyed && policy.lookup ? await lookUp(keyed, first) : undefined;
  if (found) {
    tellAnswer(services, call.value, task, replayAnswer(route.name, found, services.now()));
    const answer = { bytes: found.entry.bytes, usage: null, costUsd: 0, cache: "hit" as const };
    return { entry, attempts: [], window: undefined, outcome: ok(answer) };
  }
  const part = { id: entry.job, items: list.items, tokens: list.tokens, deadlineAt: deadline.at };
  return { entry, call: call.value, deadline, part, keyed };
}

interface GroupAttempt {
  readonly route: Route;
  readonly target: Target;
  readonly left: readonly OpenMember[];
  readonly signal: AbortSignal;
  readonly inTurn: Limiter | undefined;
}

async function attempt(
  services: Services,
  { id, window, spec: { task, parameters } }: GroupRun,
  { route, target, left, signal, inTurn }: GroupAttempt,
) {
  const startedAt = services.now();
  const size = left.reduce((sum, { part }) => sum + part.items.length, 0);
  const reference = { id: `${window.slice(0, 8)}-${id}`, size };
  for (const member of left) member.window = reference;
  const [first] = left;
  const answers = await callGroup(services, {
    to: { route, target },
    task,
    parameters,
    entries: left.map(({ part }) => part),
    id: reference.id,
    deadline: new Deadline(Math.max(...left.map(({ deadline }) => deadline.at))),
    signal,
    repeatable: true,
    inTurn,
    defer: first?.call.defer ?? (() => undefined),
  });
  return answers.map((answer) => (answer.ok ? ok({ ...answer.value, startedAt }) : answer));
}

const encoder = new TextEncoder();
const UNFOLLOWED = err({ code: "internal_error" } as const);

/** Ends one job's part of the group: tells its answer as a fact, and stores it where that is allowed. */
function conclude(
  services: Services,
  { entry, call, keyed, window }: OpenMember,
  end: Result<Followed<GroupPart>, FailedPlan> = UNFOLLOWED,
): MemberEnd {
  if (!end.ok) return { entry, attempts: end.error.tries ?? [], window, outcome: end };
  const { target, attempts, answer } = end.value;
  const bytes = encoder.encode(answer.body);
  const settlement = settle({
    told: answer.usage,
    answerTokens: 0,
    complete: true,
    target,
    body: call.body,
  });
  const body = {
    form: "json" as const,
    bytes,
    settlement,
    ...(window && { window: { ...window, waitedMs: 0 } }),
  };
  const cache = { kind: "forward", why: "miss", stored: keyed !== undefined, collapsed: false } as const;
  const outcome: InferenceOutcome = { route: call.route.name, target: target.label, attempts, body, cache };
  tellAnswer(services, call, call.task, outcome);
  if (keyed) {
    const piece = { bytes, usageOnly: false, deltas: 0 };
    const storing = { ...keyed, target, startedAt: answer.startedAt };
    call.defer(storeAnswer(storing, [piece], settlement));
  }
  const costUsd = knownCost(settlement);
  return { entry, attempts, window, outcome: ok({ bytes, usage: answer.usage, costUsd, cache: "miss" }) };
}
