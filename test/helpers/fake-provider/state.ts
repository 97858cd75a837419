import { FaultRules } from "./faults.ts";
import { Gate } from "./gate.ts";
import { RequestLog } from "./request-log.ts";

/** Everything the provider remembers between requests. */
export class ProviderState {
  readonly rules = new FaultRules();
  readonly log = new RequestLog();
  readonly gate = new Gate();

  /** Lets the oldest `count` go; without a count, all that wait and all that will come. */
  release(count: number | undefined): { readonly released: number } {
    if (count === undefined) this.rules.dropGates();
    return { released: this.gate.release(count) };
  }

  reset(): void {
    this.rules.clear();
    this.log.clear();
    this.gate.release();
  }
}
