import { setTimeout as pause } from "node:timers/promises";

/** Whom requests are sent to. */
export interface Load {
  readonly url: string;
  readonly apiKey: string;
  /** Requests a second. */
  readonly rate: number;
  readonly forMs: number;
  readonly signal: AbortSignal;
  /** Told how many were sent and how late the last one was, and what has gone wrong with one. */
  readonly sent: (count: number, lateMs: number) => void;
  readonly failed: (why: string) => void;
}

/** Longer than any answer takes. */
const PATIENCE_MS = 30_000;

/** Sends requests at even times, whether or not those before are answered, until the time is over; then waits for all. */
export async function sendLoad(load: Load): Promise<void> {
  const startedAt = performance.now();
  const open = new Set<Promise<void>>();
  for (let count = 0; ; count++) {
    const dueMs = (count * 1000) / load.rate;
    if (dueMs >= load.forMs) break;
    const aheadMs = dueMs - (performance.now() - startedAt);
    if (aheadMs > 0) await pause(aheadMs, undefined, { signal: load.signal });
    load.signal.throwIfAborted();
    const request = ask(load, count).catch((error: unknown) => load.failed(String(error)));
    open.add(request);
    void request.then(() => open.delete(request));
    load.sent(count + 1, performance.now() - startedAt - dueMs);
  }
  await Promise.all(open);
}

const KINDS = [
  { path: "/v1/chat/completions", body: (text: string) => chat(text) },
  { path: "/v1/chat/completions", body: (text: string) => ({ ...chat(text), stream: true }) },
  { path: "/v1/embeddings", body: (text: string) => ({ model: "soak-embed", input: text }) },
] as const;
const chat = (content: string) => ({ model: "soak", messages: [{ role: "user", content }] });

async function ask({ url, apiKey, signal, failed }: Load, count: number): Promise<void> {
  const { path, body } = KINDS[count % KINDS.length] ?? KINDS[0];
  const response = await fetch(url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body(`soak ${count}`)),
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
  });
  const text = await response.text();
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const isWhole = isStream ? text.trimEnd().endsWith("data: [DONE]") : /"choices"|"embedding"/.test(text);
  if (response.status !== 200 || !isWhole) failed(`${response.status} ${text.slice(-200).trim()}`);
}
