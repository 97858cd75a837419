import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HAS_GROUPS, signalGroup } from "../../../scripts/launcher/process-group.ts";
import type { GatewayMessage, GatewaySetup } from "./protocol.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Between looks whether a killed workerd's port is closed. */
const POLL_MS = 5;

/** A gateway that can be killed at any moment, and started again with the same storage. */
export class GatewayProcess implements AsyncDisposable {
  readonly #setup: GatewaySetup;
  #child: ChildProcess | undefined;
  #up: Promise<string>;
  kills = 0;
  /** Lines of its log so far, by event. */
  readonly logged = new Map<string, number>();

  private constructor(setup: GatewaySetup) {
    this.#setup = setup;
    this.#up = this.#start();
  }

  static async start(setup: GatewaySetup): Promise<GatewayProcess> {
    const gateway = new GatewayProcess(setup);
    await gateway.#up;
    return gateway;
  }

  /** Its URL, without a slash at the end, as soon as it is up. */
  get url(): Promise<string> {
    return this.#up;
  }

  /** SIGKILLs Miniflare and workerd at once, waits until they are gone, and starts them again. */
  async crash(): Promise<void> {
    const killed = await this.#up;
    this.#up = this.#restart(killed);
    await this.#up;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#kill(await this.#up.catch(() => undefined));
  }

  #start(): Promise<string> {
    const child = spawn(process.execPath, [MAIN, JSON.stringify(this.#setup)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // A group of its own: one signal reaches both processes, so that neither sees the other go.
      detached: HAS_GROUPS,
    });
    this.#child = child;
    const ready = Promise.withResolvers<string>();
    child.on("message", (message: GatewayMessage) => {
      if (message.kind === "ready") ready.resolve(message.url);
      else this.logged.set(message.event, (this.logged.get(message.event) ?? 0) + 1);
    });
    child.once("exit", () => ready.reject(new Error("the gateway ended before it was ready")));
    return ready.promise;
  }

  async #restart(killed: string): Promise<string> {
    await this.#kill(killed);
    this.kills++;
    return this.#start();
  }

  async #kill(url: string | undefined): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      signalGroup(child.pid, "SIGKILL");
      await exited;
    }
    // Node has reaped its own child alone: that workerd is gone is seen by its port.
    if (url !== undefined) await waitUntilClosed(url);
    this.#child = undefined;
  }
}

async function waitUntilClosed(url: string): Promise<void> {
  while (await isListening(url)) await pause(POLL_MS);
}

async function isListening(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const listening = await once(socket, "connect").then(
    () => true,
    () => false,
  );
  socket.destroy();
  return listening;
}
