import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Gate } from "./gate.ts";
import type { Step } from "./step.ts";

/** What the steps of one reply act upon. */
export interface Exchange {
  readonly response: ServerResponse;
  readonly gate: Gate;
  /** Aborted when the connection is gone. */
  readonly closed: AbortSignal;
  /** Called just before a fault resets the connection. */
  readonly onReset: () => void;
}

/** Plays a script to its end, or until the client leaves. */
export async function play(script: readonly Step[], exchange: Exchange): Promise<void> {
  try {
    for (const step of script) {
      if (exchange.closed.aborted) return;
      const pending = take(step, exchange);
      if (pending !== undefined) await pending;
    }
  } catch (error) {
    if (!exchange.closed.aborted) throw error;
  }
}

/** Takes one step; gives a promise only where there is something to wait for. */
function take(step: Step, { response, gate, closed, onReset }: Exchange): Promise<unknown> | undefined {
  switch (step.step) {
    case "gate":
      return gate.wait(closed);
    case "pause":
      return wait(step.ms, undefined, { signal: closed });
    case "head":
      response.writeHead(step.status, step.headers).flushHeaders();
      break;
    case "write":
      return send(response, step.bytes, closed);
    case "repeat":
      return repeat(response, step, closed);
    case "hang":
      return once(closed, "abort");
    case "reset":
      onReset();
      response.socket?.resetAndDestroy();
      break;
    case "end":
      response.end();
      break;
  }
  return undefined;
}

function send(response: ServerResponse, bytes: Buffer, signal: AbortSignal): Promise<unknown> | undefined {
  return bytes.length === 0 || response.write(bytes) ? undefined : once(response, "drain", { signal });
}

async function repeat(
  response: ServerResponse,
  { bytes, intervalMs }: Extract<Step, { step: "repeat" }>,
  closed: AbortSignal,
): Promise<void> {
  while (!closed.aborted) {
    await (send(response, bytes, closed) ?? wait(0));
    if (intervalMs > 0) await wait(intervalMs, undefined, { signal: closed });
  }
}
