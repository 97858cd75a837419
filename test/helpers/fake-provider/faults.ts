import type { IncomingHttpHeaders } from "node:http";
import { draw } from "./draw.ts";
import {
  type Fault,
  type FaultMatch,
  type FaultMix,
  type FaultRule,
  type MixRule,
  readPlayBack,
} from "./protocol.ts";

/** The parts of a request that rules look at. */
export interface Subject {
  readonly path: string;
  readonly model: unknown;
  readonly text: string;
  readonly headers?: IncomingHttpHeaders;
}

interface LiveRule {
  readonly rule: FaultRule | MixRule;
  left: number;
  /** How often each body has come, where faults are drawn. */
  readonly received: Map<string, number>;
}

/** The rules in force. The first that matches and is not used up decides, alone. */
export class FaultRules {
  #rules: LiveRule[] = [];
  #outage: Fault | undefined;

  add(rule: FaultRule | MixRule): void {
    this.#rules.push({ rule, left: rule.times ?? Infinity, received: new Map() });
  }

  /** Gives every request this fault, whatever the rules say; undefined: it is over. */
  breakDown(fault: Fault | undefined): void {
    this.#outage = fault;
  }

  /** The fault for a request, counted against its rule. */
  take(subject: Subject): Fault | undefined {
    if (this.#outage) return this.#outage;
    const live = this.#rules.find(({ rule, left }) => left > 0 && matches(rule.match ?? {}, subject));
    if (live === undefined) return undefined;
    live.left -= 1;
    if ("fault" in live.rule) return spellOut(live.rule.fault, subject.text);
    const turn = live.received.get(subject.text) ?? 0;
    live.received.set(subject.text, turn + 1);
    return drawFault(live.rule.mix, subject.text, turn);
  }

  /** Opens the gates for the requests to come. */
  dropGates(): void {
    this.#rules = this.#rules.map((live) => {
      const { rule } = live;
      return "fault" in rule ? { ...live, rule: { ...rule, fault: { ...rule.fault, gate: false } } } : live;
    });
  }

  clear(): void {
    this.#rules = [];
    this.#outage = undefined;
  }
}

function spellOut(fault: Fault, text: string): Fault {
  const told = fault.kind === "as-told" ? readPlayBack(text) : undefined;
  return told ? { kind: "verbatim", ...told } : fault;
}

function drawFault({ seed, faults }: FaultMix, text: string, turn: number): Fault | undefined {
  let left = draw(seed, turn, text);
  return faults.find(({ share }) => (left -= share) < 0)?.fault;
}

function matches(match: FaultMatch, subject: Subject): boolean {
  return (
    (match.path === undefined || match.path === subject.path) &&
    (match.model === undefined || match.model === subject.model) &&
    (match.promptIncludes === undefined || subject.text.includes(match.promptIncludes)) &&
    (match.key === undefined || KEY_HEADERS.some((name) => bears(subject.headers?.[name], match.key)))
  );
}

const KEY_HEADERS = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];

const bears = (header: string | readonly string[] | undefined, key: string | undefined): boolean =>
  header === key || header === `Bearer ${key}`;
