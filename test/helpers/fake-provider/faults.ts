import type { Fault, FaultMatch, FaultRule } from "./protocol.ts";

/** The parts of a request that rules look at. */
export interface Subject {
  readonly path: string;
  readonly model: unknown;
  readonly text: string;
}

interface LiveRule {
  readonly rule: FaultRule;
  left: number;
}

/** The rules in force. The first that matches and is not used up decides, alone. */
export class FaultRules {
  #rules: LiveRule[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.times ?? Infinity });
  }

  /** The fault for a request, counted against its rule. */
  take(subject: Subject): Fault | undefined {
    const live = this.#rules.find(({ rule, left }) => left > 0 && matches(rule.match ?? {}, subject));
    if (live === undefined) return undefined;
    live.left -= 1;
    return live.rule.fault;
  }

  /** Opens the gates for the requests to come. */
  dropGates(): void {
    this.#rules = this.#rules.map(({ rule, left }) => ({
      rule: { ...rule, fault: { ...rule.fault, gate: false } },
      left,
    }));
  }

  clear(): void {
    this.#rules = [];
  }
}

function matches(match: FaultMatch, subject: Subject): boolean {
  return (
    (match.path === undefined || match.path === subject.path) &&
    (match.model === undefined || match.model === subject.model) &&
    (match.promptIncludes === undefined || subject.text.includes(match.promptIncludes))
  );
}
