import type { Result } from "../domain/result.ts";
import { isOver, judgeKey, type KeyRest, probeKey, restKey } from "../domain/resilience/key-rest.ts";
import { chooseKey, type NoKey } from "../domain/routing/choose-key.ts";
import type { ProviderKey } from "../domain/routing/adapter.ts";
import type { Target } from "../domain/routing/catalog.ts";
import type { UpstreamFailure } from "../domain/routing/upstream-failure.ts";

/** The most rests that are known; past it, the oldest is forgotten. */
const MAX_RESTING = 1000;

/** Of which key, for which model; for all of the provider's models where there is none. */
type Place = Pick<Target, "provider"> & { readonly model?: string };

interface KeyCall {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined where it was answered. */
  readonly failed: UpstreamFailure | undefined;
}

interface ChoiceOfKey {
  /** Those that this request has tried. */
  readonly tried: ReadonlySet<ProviderKey>;
  readonly now: number;
  /** What the request would rather use. */
  readonly rank: ((key: ProviderKey) => number) | undefined;
}

/** Which keys of providers that have several are to be left alone. Of the isolate: another finds out for itself. */
export class ProviderKeys {
  readonly #rests = new Map<string, KeyRest>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The key for a call, besides those that were tried for it; who gets one whose rest is over probes it. */
  choose(
    target: Pick<Target, "provider" | "model">,
    keys: readonly ProviderKey[],
    { tried, now, rank }: ChoiceOfKey,
  ): Result<ProviderKey, NoKey> {
    const states = keys.map((key) => ({ key, rest: this.#find(target, key), isTried: tried.has(key) }));
    const chosen = chooseKey(states, { now, roll: this.#random(), rank });
    if (chosen.ok) this.#probe(target, chosen.value, now);
    return chosen;
  }

  /** Learns from a call with this key; its failure counts only where the key is at fault. */
  hear(target: Pick<Target, "provider" | "model">, key: ProviderKey, { failed, ...times }: KeyCall): void {
    if (!failed) return this.#clear(target, key, times);
    const fault = judgeKey(failed);
    if (!fault) return;
    const { provider, model } = target;
    const name = nameOf(fault.of === "key" ? { provider } : { provider, model }, key);
    this.#set(name, restKey(this.#rests.get(name), fault, times));
  }

  /** The longer rest of the key's own and that for the model. */
  #find({ provider, model }: Pick<Target, "provider" | "model">, key: ProviderKey): KeyRest | undefined {
    const own = this.#rests.get(nameOf({ provider }, key));
    const forModel = this.#rests.get(nameOf({ provider, model }, key));
    return own && forModel ? (own.until >= forModel.until ? own : forModel) : (own ?? forModel);
  }

  #probe(target: Place, key: ProviderKey, now: number): void {
    for (const name of namesOf(target, key)) {
      const rest = this.#rests.get(name);
      if (rest) this.#rests.set(name, probeKey(rest, now));
    }
  }

  #clear(target: Place, key: ProviderKey, times: Pick<KeyCall, "startedAt">): void {
    for (const name of namesOf(target, key)) {
      const rest = this.#rests.get(name);
      if (rest && isOver(rest, times)) this.#rests.delete(name);
    }
  }

  #set(name: string, rest: KeyRest): void {
    this.#rests.delete(name);
    const [oldest] = this.#rests.keys();
    if (this.#rests.size >= MAX_RESTING && oldest !== undefined) this.#rests.delete(oldest);
    this.#rests.set(name, rest);
  }
}

const namesOf = ({ provider, model = "" }: Place, key: ProviderKey): readonly string[] => [
  nameOf({ provider }, key),
  nameOf({ provider, model }, key),
];

/** Names of providers and secrets have no blanks. */
const nameOf = ({ provider, model = "" }: Place, { name }: ProviderKey): string =>
  `${provider} ${name} ${model}`;
