import { buildHead, toParts } from "./parts.ts";
import type { Fault, WireFault } from "./protocol.ts";
import type { Reply } from "./reply.ts";
import { END, pause, write } from "./step.ts";
import type { Framed, Step } from "./step.ts";
import { WIRE_FAULTS } from "./wire-faults.ts";

/** All that is done for one request, as data: the waits before the headers, then the answer. */
export function buildScript(reply: Reply, fault: Fault): readonly Step[] {
  const waits: Step[] = fault.gate === true ? [{ step: "gate" }] : [];
  if (fault.delayMs !== undefined) waits.push(pause(fault.delayMs));
  const framed = frame(reply, fault.eventDelayMs);
  const misbehave = WIRE_FAULTS[fault.kind as WireFault["kind"]] as
    | ((fault: Fault, framed: Framed) => readonly Step[])
    | undefined;
  return [...waits, ...(misbehave?.(fault, framed) ?? [framed.head, ...framed.first(Infinity), END])];
}

function frame(reply: Reply, eventDelayMs: number | undefined): Framed {
  const parts = toParts(reply);
  const between = eventDelayMs === undefined ? [] : [pause(eventDelayMs)];
  return {
    head: buildHead(reply),
    parts,
    first: (count) =>
      parts.slice(0, count).flatMap((part, index) => [...(index === 0 ? [] : between), write(part)]),
  };
}
