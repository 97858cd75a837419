import canonicalize from "canonicalize";
import type { TaskRequests } from "../../contract/requests.ts";
import type { RequestWindowConfig } from "../../contract/config/config.ts";
import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { isWindowTask, type ItemList, readItems } from "../../domain/windows/window-items.ts";
import { sha256Hex } from "../../domain/cache/cache-key.ts";
import { jurisdictionOf } from "../../domain/config/release.ts";
import { settle } from "../../domain/money/settle.ts";
import { asksByHeader } from "../../domain/routing/client-headers.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { err, ok } from "../../domain/result.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { WindowEntry, WindowReply, WindowSpec } from "../../domain/windows/request-window-protocol.ts";
import type { InferenceCall } from "../call.ts";
import type { Services } from "../services.ts";
import type { Attempt } from "../targets/attempt-target.ts";

/** For the shared call to time out by itself, and say so, before those give up who wait for it. */
const MARGIN_MS = 1000;

/**
 * One attempt by a shared call: the request's items wait in their window for a call with those of others.
 * Undefined where the request has to make a call of its own: the route has no window, the target is computed in
 * the Worker, the request fills a call by itself or asks for something by its headers, or the window cannot be
 * reached.
 */
export async function joinWindow(
  services: Services,
  target: Target,
  call: InferenceCall,
): Promise<Attempt | undefined> {
  const { task, route } = call;
  const { window } = route;
  if (!window || !isWindowTask(task) || target.adapter[task]?.kind !== "http") return undefined;
  if (asksByHeader(call.readHeader, target)) return undefined;
  const list = readItems(task, call.body as TaskRequests[typeof task]);
  if (!list || fills(list, window)) return undefined;
  const spec: WindowSpec = { route: route.name, target: target.label, task, parameters: list.parameters };
  const attemptUntil = services.now() + window.maxDelayMs + route.timeoutMs + MARGIN_MS;
  const due = () => Math.min(call.deadline.at, attemptUntil);
  const entry: WindowEntry = {
    id: crypto.randomUUID(),
    items: list.items,
    tokens: list.tokens,
    deadlineAt: due(),
  };
  const { caller, release, requestId } = call;
  const { tenant } = caller;
  const name = await nameWindow(spec, window, {
    tenant,
    jurisdiction: jurisdictionOf(release, tenant),
    continent: call.place()?.continent,
    spread: requestId,
  });
  const reply = await askWindow(services, name, { spec, entry, call, due });
  if (!reply) return undefined;
  if (reply.kind === "answered") return ok(readAnswer(reply, target, call));
  return err(readFailure(reply, due() === call.deadline.at));
}

const fills = ({ items, tokens }: ItemList, { maxItems, maxTokens }: RequestWindowConfig): boolean =>
  items.length >= maxItems || tokens.reduce((all, one) => all + one, 0) >= maxTokens;

interface Member {
  readonly tenant: string;
  /** Its requests are shared with no other tenant's then, whatever the route says. */
  readonly jurisdiction?: string | undefined;
  readonly continent: string | undefined;
  /** Its hash chooses the shard. */
  readonly spread: string;
}

/**
 * The shard rule: a window's object takes some 500 requests a second, so a route with more than that on a
 * continent sets `shards`; each has slots of its own.
 */
export async function nameWindow(
  spec: WindowSpec,
  { share, shards }: Pick<RequestWindowConfig, "share" | "shards">,
  { tenant, jurisdiction, continent, spread }: Member,
): Promise<string> {
  const who = share === "all" && jurisdiction === undefined ? "" : tenant;
  const shard = shards === 1 ? 0 : hashOf(spread) % shards;
  const asked = await sha256Hex(canonicalize(spec) ?? "");
  return [who, asked, continent ?? "", shard].join("\n");
}

function hashOf(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) >>> 0;
  return hash;
}

interface Asked {
  readonly spec: WindowSpec;
  readonly entry: WindowEntry;
  readonly call: InferenceCall;
  /** Until when it waits, in milliseconds since the epoch; moves with the call's deadline. */
  readonly due: () => number;
}

/** Waits for the window's reply, and no longer than the call does: the others in its group may have more time. */
async function askWindow(
  services: Services,
  name: string,
  { spec, entry, call, due }: Asked,
): Promise<WindowReply | undefined> {
  const window = services.windows.find(name, call.caller.tenant);
  const ignore = () => undefined;
  const leave = () => void window.leave(entry.id).catch(ignore);
  const extend = () => void window.extend(entry.id, due()).catch(ignore);
  const over = new AbortController();
  const late = sleepUntil(services, due, over.signal).then(() => undefined);
  const hearNoMore = call.deadline.hear(extend);
  call.signal.addEventListener("abort", leave);
  try {
    const reply = await Promise.race([window.run(spec, entry), late]);
    if (reply) return reply;
    leave();
    return { kind: "refused", why: "late" };
  } catch (error) {
    services.log.warn("window_unreachable", { request: call.requestId, error });
    return undefined;
  } finally {
    over.abort();
    hearNoMore();
    call.signal.removeEventListener("abort", leave);
  }
}

/** Waits until a time that may move to later meanwhile, or until the signal aborts. */
async function sleepUntil({ sleep, now }: Services, due: () => number, signal: AbortSignal): Promise<void> {
  while (now() < due() && !signal.aborted) await sleep(due() - now(), signal);
}

const encoder = new TextEncoder();

type Reply<K extends WindowReply["kind"]> = Extract<WindowReply, { kind: K }>;

/** A request's own part of the answer, with its own part of the usage. */
function readAnswer(
  { body, usage, window, rotated }: Reply<"answered">,
  target: Target,
  call: InferenceCall,
): AnswerBody {
  const settlement = settle({ told: usage, answerTokens: 0, complete: true, target, body: call.body });
  return { form: "json", bytes: encoder.encode(body), settlement, window, ...(rotated && { rotated }) };
}

function readFailure(reply: Reply<"failed" | "refused">, isLast: boolean): UpstreamFailure {
  if (reply.kind === "failed") return reply.failure;
  return reply.why === "late" && isLast ? TOO_LATE : REFUSALS[reply.why];
}

const TOO_LATE = failure("deadline_exceeded", "the window could not answer in time");
const REFUSALS = {
  late: failure("overloaded", "the window could not answer within the route's time"),
  full: failure("overloaded", "too many wait in the window"),
  left: { error: { code: "client_closed" }, tryNext: false },
} as const satisfies Record<string, UpstreamFailure>;
