/**
 * The gateway under test as a process of its own, with its workerd: both are killed together. Ends by
 * itself when its channel closes, however the process that started it has ended.
 */
import { startGateway } from "../../helpers/gateway.ts";
import type { GatewayMessage, GatewaySetup } from "./protocol.ts";

const tell = (message: GatewayMessage): void => void process.send?.(message);

function tellEvent(message: string): void {
  try {
    const { event } = JSON.parse(message) as { readonly event?: unknown };
    if (typeof event === "string" && event !== "used") tell({ kind: "event", event });
  } catch {
    tell({ kind: "event", event: message.slice(0, 200) });
  }
}

const setup = JSON.parse(process.argv[2] ?? "{}") as GatewaySetup;
const gateway = await startGateway({ ...setup, onLog: ({ message }) => tellEvent(message) });
process.once("disconnect", () => void gateway.stop().finally(() => process.exit(0)));
tell({ kind: "ready", url: gateway.url });
