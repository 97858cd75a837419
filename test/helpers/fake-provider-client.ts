import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type {
  Fault,
  FaultMix,
  FaultRule,
  MixRule,
  ReceivedRequest,
  Stats,
} from "./fake-provider/protocol.ts";

export type { Fault, FaultRule, ReceivedRequest, Stats } from "./fake-provider/protocol.ts";

const MAIN = fileURLToPath(new URL("./fake-provider/main.ts", import.meta.url));
const POLL_MS = 5;
const WAIT_MS = 5_000;

type Filter = (request: ReceivedRequest) => boolean;
type WaitOptions = { readonly filter?: Filter; readonly timeoutMs?: number };

/** An OpenAI-compatible upstream in its own process, and the dials of its faults. */
export interface FakeProvider extends AsyncDisposable {
  /** Without a slash at the end, and without /v1. */
  readonly url: string;
  readonly pid: number;
  /** Adds a rule; the first rule that matches a request and is not used up decides. */
  fault(fault: Fault, rule?: Omit<FaultRule, "fault">): Promise<void>;
  /** Adds a rule under which every request draws its own fault, or none. */
  mix(mix: FaultMix, rule?: Omit<MixRule, "mix">): Promise<void>;
  /** Gives every request this fault, whatever the rules say, until it is called without one. */
  breakDown(fault?: Fault): Promise<void>;
  /** Forgets rules and records, and lets go whoever waits at the gate. */
  reset(): Promise<void>;
  requests(filter?: Filter): Promise<readonly ReceivedRequest[]>;
  stats(): Promise<Stats>;
  /** Lets `count` gated requests go; without a count, all that wait and all that will come. */
  release(count?: number): Promise<number>;
  /** Waits until at least `count` requests were received, whether or not they were answered. */
  waitForRequests(count: number, options?: WaitOptions): Promise<readonly ReceivedRequest[]>;
  /** Waits until the client has left at least `count` requests (1 unless told) before their end. */
  waitUntilAborted(count?: number, options?: WaitOptions): Promise<readonly ReceivedRequest[]>;
  stop(): Promise<void>;
}

/** Starts the process and waits until it listens. Stop it, or let `await using` do it. */
export async function startFakeProvider(): Promise<FakeProvider> {
  if (!process.features.typescript) throw new Error("The fake provider needs a Node that runs TypeScript.");
  const child = spawn(process.execPath, [MAIN, "--port", "0"], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    return new FakeProviderProcess(child, `http://127.0.0.1:${await readPort(child, child.stdout)}`);
  } catch (error) {
    child.kill();
    throw error;
  }
}

async function readPort(child: ChildProcess, stdout: Readable): Promise<number> {
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`The fake provider ended with code ${String(code)} before it listened.`);
  });
  const [line] = (await Promise.race([once(createInterface(stdout), "line"), failed])) as [string];
  return (JSON.parse(line) as { port: number }).port;
}

class FakeProviderProcess implements FakeProvider {
  readonly #child: ChildProcess;
  readonly url: string;

  constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  async fault(fault: Fault, rule: Omit<FaultRule, "fault"> = {}): Promise<void> {
    await this.#control("POST", "/faults", { ...rule, fault });
  }

  async mix(mix: FaultMix, rule: Omit<MixRule, "mix"> = {}): Promise<void> {
    await this.#control("POST", "/faults", { ...rule, mix });
  }

  async breakDown(fault?: Fault): Promise<void> {
    await this.#control("PUT", "/outage", { fault });
  }

  async reset(): Promise<void> {
    await this.#control("DELETE", "");
  }

  async requests(filter: Filter = () => true): Promise<readonly ReceivedRequest[]> {
    const all = (await this.#control("GET", "/requests")) as readonly ReceivedRequest[];
    return all.filter(filter);
  }

  async stats(): Promise<Stats> {
    return (await this.#control("GET", "/stats")) as Stats;
  }

  async release(count?: number): Promise<number> {
    const result = await this.#control("POST", "/release", count === undefined ? {} : { count });
    return (result as { released: number }).released;
  }

  waitForRequests(count: number, options: WaitOptions = {}): Promise<readonly ReceivedRequest[]> {
    return this.#waitFor(count, options.filter ?? (() => true), options.timeoutMs);
  }

  waitUntilAborted(count: number = 1, options: WaitOptions = {}): Promise<readonly ReceivedRequest[]> {
    const filter = options.filter ?? (() => true);
    return this.#waitFor(count, (one) => one.outcome === "aborted" && filter(one), options.timeoutMs);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #waitFor(count: number, filter: Filter, timeoutMs = WAIT_MS): Promise<readonly ReceivedRequest[]> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = await this.requests(filter);
      if (found.length >= count) return found;
      if (performance.now() >= deadline) {
        throw new Error(`Waited ${timeoutMs} ms for ${count} requests, saw ${found.length}.`);
      }
      await wait(POLL_MS);
    }
  }

  async #control(method: string, path: string, body?: unknown): Promise<unknown> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/__control${path}`, init);
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}.`);
    return response.json();
  }
}
