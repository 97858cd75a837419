import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import { err, type Result } from "../../domain/result.ts";
import { judgeKey } from "../../domain/resilience/key-rest.ts";
import type { NoKey } from "../../domain/routing/choose-key.ts";
import type { ProviderKey } from "../../domain/routing/adapter.ts";
import { MIN_CACHED_TOKENS } from "../../domain/routing/order-cheapest.ts";
import { readPrefix } from "../../domain/routing/prompt-prefix.ts";
import { addText, mix, START } from "../../domain/routing/spread.ts";
import { failLimited, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { Services } from "../services.ts";
import type { Ask, UploadAsk } from "./ask.ts";
import type { Destination } from "./destination.ts";
import type { CallWatch } from "./watch-target.ts";

type Called = Result<AnswerBody, UpstreamFailure>;

/** One call, and whether it can be made more than once: an upload cannot. */
interface Calling<A extends Ask | UploadAsk> {
  readonly call: (to: Destination, ask: A) => Promise<Called>;
  readonly mayRepeat: boolean;
}

/**
 * Makes a call with one of the provider's keys; where the key is refused or at its limit, at once again with the
 * next. The failure of the last is the failure of all; that a key is only at its limit tells more than that another
 * was refused.
 */
export async function tryKeys<A extends Ask | UploadAsk>(
  services: Services,
  to: Destination,
  ask: A,
  { call, mayRepeat }: Calling<A>,
): Promise<Called> {
  const { keys: all } = to.target.connection;
  if (!all) return call(to, ask);
  const { now, keys } = services;
  const tried = new Set<ProviderKey>();
  const rank = rankKeys(to, ask);
  const choose = () => keys.choose(to.target, all, { tried, now: now(), rank });
  const careful: A = { ...ask, watch: ask.watch && hearLess(ask.watch) };
  let chosen = choose();
  if (!chosen.ok) return err(failLimited(to.target.label, chosen.error.retryAfterMs));
  for (;;) {
    const key = chosen.value;
    tried.add(key);
    if (ask.keyTries) ask.keyTries.last = key.name;
    const startedAt = now();
    const called = await call(withKey(to, key), careful);
    const endedAt = now();
    const failed = called.ok ? undefined : called.error;
    keys.hear(to.target, key, { startedAt, endedAt, failed });
    if (!failed || !judgeKey(failed)) return called;
    const mayGoOn = mayRepeat && !ask.signal.aborted && endedAt < ask.deadline.at;
    if (!mayGoOn) return called;
    chosen = choose();
    if (!chosen.ok) return err(conclude(failed, chosen.error));
    ask.keyTries?.failed.push({ key: key.name, startedAt, endedAt, failed });
  }
}

/**
 * Prompts that begin alike use the same key while that is good: providers keep prompts for an account, which keys may
 * have each their own. Undefined for what is too short to be kept.
 */
function rankKeys({ route }: Destination, ask: Ask | UploadAsk): ((key: ProviderKey) => number) | undefined {
  if ("upload" in ask || route.promptCache === false) return undefined;
  const { hash, promptTokens } = readPrefix(ask.body);
  if (promptTokens < MIN_CACHED_TOKENS) return undefined;
  return ({ name }) => mix(hash, addText(START, name));
}

function withKey(to: Destination, key: ProviderKey): Destination {
  const { target } = to;
  return { ...to, target: { ...target, connection: { ...target.connection, apiKey: key.value } } };
}

/** What is a key's fault is not the target's while another key may be good; the attempt tells its end. */
const hearLess = (watch: CallWatch): CallWatch => ({
  enter: () => watch.enter(),
  fail: (failure) => (judgeKey(failure) ? undefined : watch.fail(failure)),
});

function conclude(failed: UpstreamFailure, { isLimited, retryAfterMs }: NoKey): UpstreamFailure {
  if (!isLimited) return failed;
  const { reason, quote } = failed.error;
  const told = { ...(reason === undefined ? {} : { reason }), ...(quote === undefined ? {} : { quote }) };
  const waiting = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { ...failed, error: { code: "rate_limited", ...told, ...waiting } };
}
