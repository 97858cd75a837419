import type { AnswerBody } from "../../domain/answers/answer-body.ts";
import type { ConcurrencyRule } from "../../contract/config/concurrency.ts";
import { judgeRoom } from "../../domain/resilience/aimd.ts";
import type { Result } from "../../domain/result.ts";
import type { Target } from "../../domain/routing/catalog.ts";
import { failFull, type UpstreamFailure } from "../../domain/routing/upstream-failure.ts";
import type { NoTurn, Slot } from "../../platform/slot-line.ts";
import type { Services } from "../services.ts";
import type { Ask, UploadAsk } from "./ask.ts";

/** The slot of one attempt at a target that takes only so many calls at once. */
export interface AttemptSlot {
  /** Waits for a turn, once an attempt; why there is none, where there is none. */
  enter(): Promise<UpstreamFailure | undefined>;
  /** Lets the next call begin, now or when the answer has ended. Does nothing where there was no turn. */
  end(attempt: Result<AnswerBody, UpstreamFailure> | undefined): void;
}

/** Undefined where the target takes any number of calls. */
export function slotOf(services: Services, target: Target, ask: Ask | UploadAsk): AttemptSlot | undefined {
  const limit = limitOf(target);
  if (!limit) return undefined;
  let slot: Slot | undefined;
  return {
    async enter() {
      if (slot) return undefined;
      const { deadline, signal, caller, priority = "normal" } = ask;
      const line = services.slots.of(limit.name, limit.rule);
      const entered = await line.enter({ tenant: caller?.tenant ?? "", priority, deadline, signal });
      if (!entered.ok) return describe(entered.error, target, ask.inTurn ? services.random() : 0);
      slot = entered.value;
      return undefined;
    },
    end(attempt) {
      if (!attempt) return slot?.release("unknown");
      if (!attempt.ok) return slot?.release(judgeRoom(attempt.error));
      if (attempt.value.form === "json") return slot?.release("answered");
      void attempt.value.settlement.then(({ broken }) =>
        slot?.release(broken ? judgeRoom({ error: broken }) : "answered"),
      );
    },
  };
}

/** A target's own limit counts for all routes that have it, its provider's for all of that one's models together. */
function limitOf({
  provider,
  model,
  concurrency,
  connection,
}: Target): { readonly name: string; readonly rule: ConcurrencyRule } | undefined {
  if (concurrency) return { name: `${provider}/${model}`, rule: concurrency };
  return connection.concurrency && { name: provider, rule: connection.concurrency };
}

/** Those that come back by themselves come one after the other, by the roll. */
function describe(none: NoTurn, { label }: Target, roll: number): UpstreamFailure {
  if (none.why === "left") return { error: { code: "client_closed" }, tryNext: false };
  return failFull(label, Math.ceil(none.retryAfterMs * (1 + roll)));
}
