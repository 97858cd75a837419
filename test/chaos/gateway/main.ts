/**
 * The gateway under test as a process of its own, with its workerd: both are killed together. Ends by
 * itself when its channel closes, however the process that started it has ended.
 */
import type { Fact } from "../../../worker/domain/facts/fact.ts";
import { startGateway } from "../../helpers/gateway.ts";
import type { GatewayMessage, GatewaySetup } from "./protocol.ts";

const tell = (message: GatewayMessage): void => void process.send?.(message);

function tellEvent(message: string): void {
  try {
    const { event, facts = [] } = JSON.parse(message) as {
      readonly event?: unknown;
      readonly facts?: Fact[];
    };
    if (typeof event === "string" && event !== "facts") tell({ kind: "event", event });
    for (const fact of facts) {
      if (fact.kind === "attempt" && fact.error !== null) tell({ kind: "event", event: "attempt_failed" });
    }
  } catch {
    tell({ kind: "event", event: message.slice(0, 200) });
  }
}

const setup = JSON.parse(process.argv[2] ?? "{}") as GatewaySetup;
const gateway = await startGateway({ ...setup, onLog: ({ message }) => tellEvent(message) });
process.once("disconnect", () => void gateway.stop().finally(() => process.exit(0)));
tell({ kind: "ready", url: gateway.url });
