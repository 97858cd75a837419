import type { DurableObject } from "cloudflare:workers";
import type { Environment } from "../../../worker/platform/environment.ts";
import { countBindings } from "./count-bindings.ts";
import { countStorage } from "./count-storage.ts";
import { openTally } from "./tally.ts";

type ObjectClass = new (ctx: DurableObjectState, env: Environment) => DurableObject<Environment>;

/** The class, with its storage and its bindings counted under the name of its own binding. */
export function countObject(binding: string, Base: ObjectClass): ObjectClass {
  const { afterwards, untilOutcome } = openTally(binding);
  return class extends Base {
    readonly #hasEnded: () => boolean;

    constructor(ctx: DurableObjectState, env: Environment) {
      const hasEnded = countStorage(ctx.storage, openTally(binding));
      super(ctx, countBindings(env));
      this.#hasEnded = hasEnded;
    }

    override async alarm(info?: AlarmInvocationInfo): Promise<void> {
      await super.alarm?.(info);
      (this.#hasEnded() ? afterwards : untilOutcome).alarms++;
    }
  };
}
