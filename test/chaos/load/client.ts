import { setTimeout as pause } from "node:timers/promises";
import type { GatewayProcess } from "../gateway/gateway-process.ts";
import type { Change, ListedJob, Look, Reading, Submission } from "../history/history.ts";
import type { Recorder } from "../history/recorder.ts";
import type { Order } from "../plan.ts";

/** Where requests go, with what key, and where they are written down. */
export interface ClientPorts {
  readonly gateway: GatewayProcess;
  readonly recorder: Recorder;
  readonly apiKey: string;
  /** Where webhooks are to be sent. */
  readonly webhookUrl: string;
  /** Aborts when the run is over, whatever still waits. */
  readonly signal: AbortSignal;
}

/** A connection that was refused or lost, though the gateway was not known to be down. */
const RETRY_MS = 100;
/** The caller's own deadline: long enough for a lease that has to run out, and a run after it. */
const TIMEOUT_MS = 50_000;

/** The gateway's client: it repeats what was lost under the same key, and writes down every answer. */
export class Client {
  readonly #ports: ClientPorts;

  constructor(ports: ClientPorts) {
    this.#ports = ports;
  }

  /** Submits until a job is named; undefined where the order is refused, or the run is over. */
  async submit(order: Order): Promise<string | undefined> {
    while (!this.#ports.signal.aborted) {
      const { reply } = await this.#send(order, false);
      if (reply?.job) return reply.job;
      if (reply && reply.status < 500) return undefined;
      await pause(RETRY_MS);
    }
    return undefined;
  }

  /** Submits once more what has ended, until there is an answer. */
  async replay(order: Order): Promise<void> {
    while (!this.#ports.signal.aborted) {
      if ((await this.#send(order, true)).reply) return;
      await pause(RETRY_MS);
    }
  }

  /** A look at a job; undefined where the run is over before there is an answer. */
  look(job: string): Promise<Look | undefined> {
    return this.#read(`/v1/jobs/${job}`, job, this.#ports.recorder.looks);
  }

  readOutput(job: string): Promise<Reading | undefined> {
    return this.#read(`/v1/jobs/${job}/output`, job, this.#ports.recorder.outputs);
  }

  /** All events of a job that has ended, for the stream of another goes on. */
  readEvents(job: string): Promise<Reading | undefined> {
    return this.#read(`/v1/jobs/${job}/events`, job, this.#ports.recorder.events);
  }

  /** Cancels or deletes a job, again until there is an answer; undefined where the run is over before. */
  async change(job: string, change: Change["change"]): Promise<Change | undefined> {
    const { recorder, signal } = this.#ports;
    const path = `/v1/jobs/${job}`;
    let began: number | undefined;
    for (let tries = 1; !signal.aborted; tries++) {
      const { response, ...span } = await recorder.span(async () => ({
        response: await (change === "cancel"
          ? this.#request(`${path}/cancel`, { method: "POST" })
          : this.#request(path, { method: "DELETE" })),
      }));
      began ??= span.began;
      if (response && response.status < 500) {
        const { status, body } = response;
        const seen = { job, change, tries, status, body, began, ended: span.ended };
        recorder.changes.push(seen);
        return seen;
      }
      await pause(RETRY_MS);
    }
    return undefined;
  }

  /** All that the list has; undefined where the run is over before there is an answer. */
  async list(): Promise<readonly ListedJob[] | undefined> {
    const jobs: ListedJob[] = [];
    let after = "";
    while (!this.#ports.signal.aborted) {
      const response = await this.#request(`/v1/jobs?limit=100${after}`, {});
      if (response?.status !== 200) {
        await pause(RETRY_MS);
        continue;
      }
      const page = JSON.parse(response.body) as { data: readonly ListedJob[]; next: string | null };
      jobs.push(...page.data.map(({ id, status }) => ({ id, status })));
      if (page.next === null) return jobs;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    return undefined;
  }

  async #send({ key, kind, text, webhook }: Order, replay: boolean): Promise<Submission> {
    const { recorder, webhookUrl } = this.#ports;
    const headers = {
      ...(kind.body ? { "content-type": "application/json" } : {}),
      ...(kind.keyed ? { "idempotency-key": key } : {}),
      // Error bodies name the request: the same one under the same name is the same bytes.
      "x-request-id": key,
      "x-headrace-timeout-ms": String(TIMEOUT_MS),
      ...kind.headers,
    };
    const body = kind.body?.(text, webhook ? { url: webhookUrl } : undefined);
    const init = { method: "POST", headers, ...(body ? { body: JSON.stringify(body) } : {}) };
    const submission = await recorder.span(async () => {
      const response = await this.#request(kind.path, init);
      const reply = response && {
        status: response.status,
        job: response.headers.get("location")?.split("/").at(-1) ?? null,
        replayed: response.headers.get("idempotent-replayed") === "true",
        body: response.body,
      };
      return { key, replay, reply: reply ?? null };
    });
    recorder.submissions.push(submission);
    return submission;
  }

  async #read(path: string, job: string, into: Look[]): Promise<Look | undefined> {
    while (!this.#ports.signal.aborted) {
      const { response, ...span } = await this.#ports.recorder.span(async () => ({
        response: await this.#request(path, {}),
      }));
      if (response && response.status < 500) {
        const look = { ...span, job, status: response.status, body: response.body };
        into.push(look);
        return look;
      }
      await pause(RETRY_MS);
    }
    return undefined;
  }

  /** Waits until the gateway is up; undefined where the connection was lost before the whole answer. */
  async #request(
    path: string,
    { headers = {}, ...init }: { headers?: object; method?: string; body?: string },
  ) {
    const { gateway, apiKey, signal } = this.#ports;
    const url = await gateway.url;
    try {
      const response = await fetch(url + path, {
        ...init,
        headers: { ...headers, authorization: `Bearer ${apiKey}` },
        signal,
      });
      return { status: response.status, headers: response.headers, body: await response.text() };
    } catch {
      return undefined;
    }
  }
}
