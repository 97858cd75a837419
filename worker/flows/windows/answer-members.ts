import type { GatewayError } from "../../contract/errors.ts";
import type { TaskRequests } from "../../contract/requests.ts";
import type { Usage } from "../../contract/responses.ts";
import { isWindowTask, readItems } from "../../domain/windows/window-items.ts";
import { decideCachePolicy } from "../../domain/cache/cache-directives.ts";
import { resolveRoute, type Route, type Target } from "../../domain/routing/catalog.ts";
import type { AttemptReport, WindowReference } from "../../contract/jobs/run-report.ts";
import type { JobWindowEntry } from "../../domain/windows/job-window-protocol.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { summariseFailures, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { WindowEntry } from "../../domain/windows/request-window-protocol.ts";
import { createLimiter } from "../../platform/limiter.ts";
import { callGroup } from "./call-group.ts";
import { recordUse } from "../targets/call-targets.ts";
import type { InferenceCall } from "../call.ts";
import type { JobServices } from "../jobs/job-services.ts";
import type { GroupRun } from "./run-job-group.ts";
import { lookUp } from "../inference/run-inference.ts";
import { buildKey, type KeyedCall, storeAnswer } from "../inference/store-answer.ts";

/** One job of a group, and the call that it would make alone. */
export interface Member {
  readonly entry: JobWindowEntry;
  /** Fails where its request cannot be read any more. */
  readonly call: Result<InferenceCall, GatewayError>;
}

export interface MemberAnswer {
  readonly bytes: Uint8Array;
  readonly usage: Usage | null;
  readonly costUsd: number | undefined;
  readonly cache: "hit" | "miss";
}

/** What came of a run for one job. */
export interface MemberEnd {
  readonly entry: JobWindowEntry;
  readonly attempts: readonly AttemptReport[];
  /** The last call that was made for it. */
  readonly window: WindowReference | undefined;
  readonly outcome: Result<MemberAnswer, GatewayError>;
}

/** Of the six connections that the platform lets wait for their headers. */
const LOOKUPS_AT_ONCE = 4;

interface Members {
  readonly members: readonly Member[];
  readonly signal: AbortSignal;
}

/**
 * Answers a group's jobs: from the cache, where one has asked the same before; the others by shared calls of
 * the route's targets in their order. An answer is kept under the key that the job's own call would have.
 */
export async function answerMembers(
  services: JobServices,
  group: GroupRun,
  { members, signal }: Members,
): Promise<readonly MemberEnd[]> {
  const route = resolveRoute(services.catalog, group.spec.route, group.spec.task);
  if (!route.ok) return members.map(({ entry }) => endUncalled(entry, route.error));
  const inTurn = createLimiter(LOOKUPS_AT_ONCE);
  const opened = await Promise.all(
    members.map((member) => inTurn(() => openMember(services, route.value, member))),
  );
  const open = opened.filter((each): each is OpenMember => "call" in each);
  await callInTurn(services, group, { route: route.value, open, signal });
  return opened.map((each) => ("call" in each ? conclude(each) : each));
}

/** A job that is to be called for, and what the calls have brought so far. */
interface OpenMember {
  readonly call: InferenceCall;
  readonly entry: JobWindowEntry;
  /** Its part in a call. */
  readonly shared: WindowEntry;
  readonly items: number;
  /** Absent where its answer is not to be kept. */
  readonly keyed: KeyedCall | undefined;
  readonly attempts: AttemptReport[];
  readonly failures: UpstreamFailure[];
  window?: WindowReference;
  answer?: MemberAnswer;
}

const endUncalled = (entry: JobWindowEntry, error: GatewayError): MemberEnd => ({
  entry,
  attempts: [],
  window: undefined,
  outcome: err(error),
});

async function openMember(
  services: JobServices,
  route: Route,
  { entry, call }: Member,
): Promise<OpenMember | MemberEnd> {
  if (!call.ok) return endUncalled(entry, { ...call.error, code: "invalid_request" });
  const { task, body, directives, deadlineAt } = call.value;
  const list = isWindowTask(task) ? readItems(task, body as TaskRequests[typeof task]) : undefined;
  const [first] = route.targets;
  if (!list || !first) return endUncalled(entry, { code: "not_configured" });
  const policy = decideCachePolicy(task, body, route.cache, directives);
  const keyed = policy.store
    ? { services, route, call: call.value, key: await buildKey(first, call.value) }
    : undefined;
  const found = keyed && policy.lookup ? await lookUp(keyed, first) : undefined;
  if (found) {
    const answer = { bytes: found.entry.bytes, usage: null, costUsd: 0, cache: "hit" as const };
    return { entry, attempts: [], window: undefined, outcome: ok(answer) };
  }
  const { items, tokens } = list;
  const shared = { id: entry.job, items, tokens, deadlineAt };
  return { call: call.value, entry, shared, items: items.length, keyed, attempts: [], failures: [] };
}

interface Calling {
  readonly route: Route;
  readonly open: readonly OpenMember[];
  readonly signal: AbortSignal;
}

/** Calls target by target, each for those that have no answer yet, and for which another may do better. */
async function callInTurn(
  services: JobServices,
  group: GroupRun,
  { route, open, signal }: Calling,
): Promise<void> {
  for (const target of route.targets) {
    const left = open.filter(
      ({ answer, failures, call }) =>
        !answer && failures.at(-1)?.tryNext !== false && services.now() < call.deadlineAt,
    );
    if (left.length === 0 || signal.aborted) return;
    await callTarget(services, group, { target, left, signal });
  }
}

interface TargetCall {
  readonly target: Target;
  readonly left: readonly OpenMember[];
  readonly signal: AbortSignal;
}

async function callTarget(
  services: JobServices,
  { id, window, spec }: GroupRun,
  { target, left, signal }: TargetCall,
): Promise<void> {
  const startedAt = services.now();
  const size = left.reduce((sum, { items }) => sum + items, 0);
  const reference = { id: `${window.slice(0, 8)}-${id}`, size };
  const answers = await callGroup(services, {
    spec: { ...spec, target: target.label },
    entries: left.map(({ shared }) => shared),
    id: reference.id,
    signal,
    repeatable: true,
  });
  const times = { target: target.label, startedAt, endedAt: services.now() };
  for (const [at, member] of left.entries()) {
    const answer = answers[at] ?? err(MISSING);
    member.window = reference;
    if (!answer.ok) {
      const { status = null, error } = answer.error;
      member.failures.push(answer.error);
      member.attempts.push({ ...times, status, error: error.code });
      continue;
    }
    member.attempts.push({ ...times, status: 200, error: null });
    const bytes = encoder.encode(answer.value.body);
    const { usage } = answer.value;
    const { costUsd } = recordUse(services, member.call, target, { form: "json", bytes, usage });
    member.answer = { bytes, usage, costUsd, cache: "miss" };
    keep(member, target, startedAt);
  }
  logFailures(services, reference.id, target, left);
}

const encoder = new TextEncoder();
const MISSING: UpstreamFailure = { error: { code: "internal_error" }, tryNext: true };

function keep({ keyed, answer, call }: OpenMember, target: Target, startedAt: number): void {
  if (!keyed || !answer) return;
  const piece = { bytes: answer.bytes, usageOnly: false, deltas: 0 };
  call.defer(storeAnswer({ ...keyed, target, startedAt }, [piece], answer.costUsd));
}

/** What has failed for all of them is told once. */
function logFailures(
  { log }: JobServices,
  request: string,
  target: Target,
  left: readonly OpenMember[],
): void {
  const failures = new Set(
    left.flatMap(({ answer, failures: all }) => (answer ? [] : (all.at(-1)?.error ?? []))),
  );
  for (const { code, reason } of failures) {
    log.warn("attempt_failed", { request, target: target.label, code, reason });
  }
}

function conclude({ entry, answer, failures, attempts, window }: OpenMember): MemberEnd {
  if (answer) return { entry, attempts, window, outcome: ok(answer) };
  const last = failures.at(-1);
  if (!last) return { entry, attempts, window, outcome: err({ code: "deadline_exceeded" }) };
  const error = last.tryNext ? summariseFailures(failures) : last.error;
  return { entry, attempts, window, outcome: err(error) };
}
