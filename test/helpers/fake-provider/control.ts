import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault, FaultRule, MixRule } from "./protocol.ts";
import type { ProviderState } from "./state.ts";

type Answer = (state: ProviderState, body: string) => unknown;

const CONTROLS: Readonly<Record<string, Answer>> = {
  "POST /__control/faults": (state, body) => state.rules.add(JSON.parse(body) as FaultRule | MixRule),
  "PUT /__control/outage": (state, body) =>
    state.rules.breakDown((JSON.parse(body) as { fault?: Fault }).fault),
  "POST /__control/release": (state, body) => state.release(parseCount(body)),
  "GET /__control/requests": (state) => state.log.list(),
  "GET /__control/stats": (state) => state.log.stats(state.gate.size),
  "DELETE /__control": (state) => state.reset(),
};

/** Serves the control API, by which a test dials faults and reads what was received. */
export function handleControl(
  request: IncomingMessage,
  response: ServerResponse,
  body: string,
  state: ProviderState,
): void {
  const control = CONTROLS[`${request.method} ${request.url}`];
  const result = control?.(state, body) ?? {};
  response.writeHead(control === undefined ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(result));
}

function parseCount(body: string): number | undefined {
  return body === "" ? undefined : (JSON.parse(body) as { count?: number }).count;
}
