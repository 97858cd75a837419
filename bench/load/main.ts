/**
 * Makes load in a process of its own: as many requests at once as it is told, or ones that come at their
 * own times. Takes orders and gives reports over IPC.
 */
import type { ArrivalsOrder, LoadOrder } from "./protocol.ts";
import { sendArrivals } from "./send-arrivals.ts";
import { sendInTurn } from "./send-in-turn.ts";

process.on("message", (order: LoadOrder | ArrivalsOrder) => {
  const work: Promise<unknown> = "connections" in order ? sendInTurn(order) : sendArrivals(order);
  work.then(
    (report) => process.send?.({ report }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once("disconnect", () => process.exit(0));
