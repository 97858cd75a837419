import type { TaskRequests } from "../../contract/requests.ts";
import { sha256Hex } from "../../domain/cache/cache-key.ts";
import { buildGroupBody, mergeItems } from "../../domain/windows/window-items.ts";
import { NO_DIRECTIVES } from "../../domain/cache/cache-directives.ts";
import { resolveRoute, type Route, type Target } from "../../domain/routing/catalog.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { splitAnswer } from "../../domain/windows/split-answer.ts";
import { failure, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type {
  GroupAnswer,
  SharedCall,
  WindowEntry,
  WindowSpec,
} from "../../domain/windows/request-window-protocol.ts";
import { callTarget } from "../targets/call-target.ts";
import type { Services } from "../services.ts";
import { addIdempotencyKey } from "../targets/watch-attempts.ts";

/**
 * Makes one call for several requests, and gives each its part, in their order. What the provider refuses
 * for what it says is halved until the one at fault is alone with it: the others get their answers.
 */
export async function callGroup(services: Services, call: SharedCall): Promise<readonly GroupAnswer[]> {
  const found = findTarget(services, call.spec);
  if (!found) return call.entries.map(() => err(failure("not_configured", "the target has gone")));
  return callHalving(services, found, call);
}

interface FoundTarget {
  readonly route: Route;
  readonly target: Target;
}

function findTarget({ catalog }: Services, { route, target, task }: WindowSpec): FoundTarget | undefined {
  const found = resolveRoute(catalog, route, task);
  if (!found.ok) return undefined;
  const named = found.value.targets.find(({ label }) => label === target);
  return named && { route: found.value, target: named };
}

async function callHalving(
  services: Services,
  found: FoundTarget,
  call: SharedCall,
): Promise<readonly GroupAnswer[]> {
  const answers = await callOnce(services, found, call);
  const { entries } = call;
  if (answers.ok) return answers.value;
  if (entries.length === 1 || !isSomebodysFault(answers.error)) return entries.map(() => answers);
  const middle = Math.ceil(entries.length / 2);
  const first = await callHalving(services, found, { ...call, entries: entries.slice(0, middle) });
  const second = await callHalving(services, found, { ...call, entries: entries.slice(middle) });
  return [...first, ...second];
}

/** What one of them says, the provider will not take; that its model is not there is nobody's fault. */
const isSomebodysFault = ({ error, tryNext }: UpstreamFailure): boolean =>
  !tryNext && error.code !== "model_not_found" && error.code !== "client_closed";

async function callOnce(
  services: Services,
  { route, target }: FoundTarget,
  { spec, entries, id, signal, repeatable = false }: SharedCall,
): Promise<Result<readonly GroupAnswer[], UpstreamFailure>> {
  const { task, parameters } = spec;
  const { items, places } = mergeItems(entries.map((entry) => entry.items));
  const asked = { ...parameters, model: spec.route } as TaskRequests[typeof task];
  const watched = repeatable ? addIdempotencyKey(services, await nameCall(entries)) : services;
  const body = await callTarget(watched, target, route.timeoutMs, {
    caller: { tenant: "", keyId: "" },
    task,
    body: buildGroupBody(task, asked, items),
    streamed: false,
    directives: NO_DIRECTIVES,
    deadlineAt: Math.max(...entries.map(({ deadlineAt }) => deadlineAt)),
    signal,
    requestId: id,
    metadata: undefined,
    traceparent: undefined,
    continent: undefined,
    defer: () => {},
    time: () => undefined,
  });
  if (!body.ok) return body;
  if (body.value.form !== "json") return err(failure("upstream_invalid_response", "not one JSON answer"));
  const answer = { body: new TextDecoder().decode(body.value.bytes), usage: body.value.usage };
  const shares = entries.map(({ tokens }, at) => ({ places: places[at] ?? [], tokens: sum(tokens) }));
  const parts = splitAnswer(task, answer, items.length, shares);
  return ok(parts.map((part) => (part.ok ? part : err(failure("upstream_invalid_response", part.error)))));
}

/** The same jobs make the same call; one alone has the name it would have by itself. */
const nameCall = async (entries: readonly WindowEntry[]): Promise<string> =>
  entries.length === 1 && entries[0]
    ? entries[0].id
    : `group_${await sha256Hex(entries.map(({ id }) => id).join("\n"))}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
