import {
  createExecutionContext,
  createMessageBatch,
  getQueueResult,
  waitOnExecutionContext,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { ConfigInput } from "../../worker/contract/config/config.ts";
import { createWorker } from "../../worker/create-worker.ts";
import { Deployment } from "../../worker/deployment.ts";
import type { JobPort } from "../../worker/domain/jobs/job-protocol.ts";
import type { JobWindowPort } from "../../worker/domain/windows/job-window-protocol.ts";
import type { WebhookDelivery } from "../../worker/platform/call-webhook.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import { embedded } from "../../worker/providers/embedded/adapter.ts";
import { buildRegistry } from "../../worker/providers/registry.ts";
import { consumeWebhooks } from "../../worker/queue/consume-webhooks.ts";
import fixture from "../fixtures/deployment/headrace.config.ts";

const real = env as unknown as Environment;
const API_KEY = "hr_test_workerdworkerdworkerdworkerd";

/** A call of an object that the caller gets no answer to. */
export interface Break<Port = JobPort> {
  readonly method: keyof Port;
  /** Whether the object hears it all the same: its answer is lost then, else the question is. */
  readonly lost: "question" | "answer";
  /** As the platform marks what may be asked again. */
  readonly retryable?: boolean;
}

/** An isolate of the Worker, over real objects, with a provider and a queue of the test's. */
export interface Isolate {
  /** What the provider was asked: each call's texts. */
  readonly calls: unknown[];
  /** Ends a call of the provider otherwise than with an answer. */
  provider: "answers" | "fails";
  /** The messages that the Worker has sent. */
  readonly sent: unknown[];
  queue: "takes" | "rejects";
  /** Each happens once, in their order. */
  readonly breaks: Break[];
  /** The same of the windows where jobs wait. */
  readonly windowBreaks: Break<JobWindowPort>[];
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  get(path: string): Promise<Reply>;
  /** Lets the consumer have messages; tells which it acknowledged, and which it wants again. */
  deliver(queue: string, bodies: readonly unknown[]): Promise<Delivered>;
  /** The same for webhooks' messages; the receiver, which says 200, is the test's. */
  deliverWebhooks(bodies: readonly unknown[]): Promise<Delivered>;
  /** What receivers were sent. */
  readonly received: WebhookDelivery[];
}

interface Delivered {
  readonly acked: string[];
  readonly retried: string[];
}

interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Lets what isolates had still to do be done: directories are told a second after the fact. */
export const settleIsolates = () =>
  Promise.all(executions.splice(0).map((each) => waitOnExecutionContext(each)));
const executions: ExecutionContext[] = [];

/** Routes whose provider is the isolate's; the answers of "once" are kept by nobody but the job. */
const config: ConfigInput = {
  ...fixture,
  routes: {
    ...fixture.routes,
    known: {
      task: "embeddings",
      targets: [{ provider: "workers-ai", model: "any" }],
      cache: false,
      jobs: { attempts: 5 },
    },
    once: {
      task: "embeddings",
      targets: [{ provider: "workers-ai", model: "any" }],
      cache: false,
      jobs: { onUnknownOutcome: "fail" },
    },
  },
};

export function openIsolate(): Isolate {
  const deployment = new Deployment(config, buildRegistry({ embedded }));
  const worker = createWorker(deployment);
  const isolate = {
    calls: [] as unknown[],
    provider: "answers" as Isolate["provider"],
    sent: [] as unknown[],
    queue: "takes" as Isolate["queue"],
    breaks: [] as Break[],
    windowBreaks: [] as Break<JobWindowPort>[],
    received: [] as WebhookDelivery[],
  };
  const environment = {
    ...real,
    HEADRACE_WEBHOOK_SECRET: "m".repeat(32),
    JOBS: breakable(real.JOBS, isolate.breaks),
    JOB_WINDOWS: breakable(real.JOB_WINDOWS, isolate.windowBreaks),
    JOB_QUEUE: { send: (body: unknown) => send(isolate, body) },
    AI: { run: (_model: string, inputs: unknown) => answer(isolate, inputs) },
  } as unknown as Environment;
  const ask = async (request: Request): Promise<Reply> => {
    const execution = createExecutionContext();
    const response = await worker.fetch?.(
      request as Parameters<NonNullable<typeof worker.fetch>>[0],
      environment,
      execution,
    );
    if (!response) throw new Error("no answer");
    const text = await response.text();
    executions.push(execution);
    return { status: response.status, headers: response.headers, text };
  };
  const url = (path: string) => `https://gateway.example${path}`;
  const authorization = `Bearer ${API_KEY}`;
  return Object.assign(isolate, {
    get: (path: string) => ask(new Request(url(path), { headers: { authorization } })),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      ask(
        new Request(url(path), {
          method: "POST",
          body: JSON.stringify(body),
          headers: { authorization, "content-type": "application/json", ...headers },
        }),
      ),
    deliver: (queue: string, bodies: readonly unknown[]) =>
      consume(queue, bodies, (batch, context) => worker.queue?.(batch, environment, context)),
    deliverWebhooks: (bodies: readonly unknown[]) =>
      consume("headrace-webhooks", bodies, async ({ messages }, context) => {
        const gateway = await deployment.open(environment);
        if (!gateway.ok) throw new Error(gateway.error);
        const { services, webhooks } = gateway.value;
        const call = async (delivery: WebhookDelivery) => {
          isolate.received.push(delivery);
          return { kind: "answered" as const, status: 200, retryAfterMs: undefined };
        };
        const defer = (work: Promise<unknown>) => context.waitUntil(work);
        await consumeWebhooks({ ...services, webhooks: { ...webhooks, call } }, messages, defer);
      }),
  });
}

async function consume(
  queue: string,
  bodies: readonly unknown[],
  handle: (batch: MessageBatch, context: ExecutionContext) => unknown,
): Promise<Delivered> {
  const messages = bodies.map((body, index) => ({
    id: String(index),
    timestamp: new Date(),
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch(queue, messages);
  const context = createExecutionContext();
  await handle(batch, context);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return { acked: explicitAcks.toSorted(), retried: retryMessages.map(({ msgId }) => msgId).toSorted() };
}

function send(isolate: Pick<Isolate, "queue" | "sent">, body: unknown): Promise<void> {
  if (isolate.queue === "rejects") return Promise.reject(new Error("the queue is down"));
  isolate.sent.push(body);
  return Promise.resolve();
}

async function answer(isolate: Pick<Isolate, "calls" | "provider">, inputs: unknown): Promise<Response> {
  isolate.calls.push(inputs);
  if (isolate.provider === "fails") return Response.json({ errors: [] }, { status: 503 });
  const { text } = inputs as { readonly text: string | readonly string[] };
  const data = [text].flat().map(() => [isolate.calls.length, 0.5]);
  return Response.json({ shape: [data.length, 2], data });
}

type AnyBreak = Omit<Break, "method"> & { readonly method: string };

/** A namespace whose objects are real, and some calls of which come to nothing. */
function breakable(namespace: DurableObjectNamespace, breaks: AnyBreak[]): DurableObjectNamespace {
  return new Proxy(namespace, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      if (name !== "get") return (...values: unknown[]): unknown => Reflect.apply(value, target, values);
      return (id: DurableObjectId) => breakableStub(target.get(id), breaks);
    },
  });
}

type Methods = Readonly<Record<string, (...values: unknown[]) => Promise<unknown>>>;

/** The object's methods answer to any name, so they are called on the stub itself. */
function breakableStub(stub: DurableObjectStub, breaks: AnyBreak[]): DurableObjectStub {
  const methods = stub as unknown as Methods;
  const ask = async (name: string, values: unknown[]) => {
    const at = breaks.findIndex(({ method }) => method === name);
    const [broken] = at < 0 ? [] : breaks.splice(at, 1);
    if (!broken) return methods[name]?.(...values);
    if (broken.lost === "answer") await methods[name]?.(...values);
    throw Object.assign(new Error("the connection was lost"), { retryable: broken.retryable === true });
  };
  return new Proxy(stub, {
    get: (_, name) => (typeof name === "string" ? (...values: unknown[]) => ask(name, values) : undefined),
  });
}
