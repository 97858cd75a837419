import type { Task } from "../../contract/requests.ts";
import { writeEvent } from "../../domain/answers/server-sent-events.ts";
import type { InferenceCall } from "../../flows/call.ts";
import { writeErrorEvent } from "../error-forms.ts";
import type { Gateway } from "../gateway.ts";
import type { Reply } from "../reply.ts";
import type { RequestContext } from "../request-context.ts";
import { respondBug } from "../respond-bug.ts";
import { tellRefusal } from "../tell-refusal.ts";

/** After so long without an answer its client gets the first heartbeat; a failure until then has a status. */
const QUIET_MS = 1000;
/** From one heartbeat to the next: proxies and clients give up a connection that is silent for some ten seconds. */
const BEAT_MS = 5000;

type Answering = (call: InferenceCall) => Promise<Reply>;

/**
 * Answers a request whose stream is held back until it is whole, and keeps its connection alive meanwhile. What
 * the headers of the answer would have told follows then in comments, and a failure in an event. A client that
 * leaves ends the call.
 */
export async function holdReply(
  call: InferenceCall,
  answer: Answering,
  context: RequestContext,
  { services }: Pick<Gateway, "services">,
): Promise<Reply> {
  const left = new AbortController();
  const { task } = call;
  const answering = answer({ ...call, signal: AbortSignal.any([call.signal, left.signal]) }).catch(
    (error: unknown) => respondBug(error, context, task, services.log),
  );
  const soon = await within(answering, QUIET_MS);
  if (soon) return soon;
  const headers = {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-headrace-route": call.route.name,
  };
  const { readable, writable } = new IdentityTransformStream();
  const sending = send(answering, writable, { task, context, headers }).catch(() => {
    // The client has left: a write to it fails.
    left.abort();
    return answering.then(discard);
  });
  context.defer(sending.then(() => tellRefusal(services, context)));
  return { status: 200, headers: { ...headers }, body: readable };
}

interface Sending {
  readonly task: Task;
  readonly context: RequestContext;
  /** Those that have been sent. */
  readonly headers: Readonly<Record<string, string>>;
}

async function send(
  answering: Promise<Reply>,
  writable: WritableStream<Uint8Array>,
  { task, context, headers }: Sending,
): Promise<void> {
  const writer = writable.getWriter();
  const write = (text: string) => writer.write(encoder.encode(text));
  let reply: Reply | undefined;
  do await write(writeBeat(task));
  while (!(reply = await within(answering, BEAT_MS)));
  if (reply.status !== 200) {
    const error = context.refusal ?? { code: "internal_error" };
    await write(writeErrorEvent(error, context.requestId, task, 0));
    return writer.close();
  }
  await write(tellHeaders(reply, headers));
  await copy(openBody(reply), writer);
}

/** Anthropic's clients know an event for it, others skip comments. */
const writeBeat = (task: Task): string =>
  task === "messages" ? writeEvent('{"type": "ping"}', "ping") : ": keep-alive\n\n";

const tellHeaders = ({ headers }: Reply, sent: Sending["headers"]): string => {
  const told = Object.entries(headers).filter(([name]) => !(name in sent));
  return `${told.map(([name, value]) => `: ${name}: ${value}\n`).join("")}\n`;
};

const openBody = ({ body }: Reply): ReadableStream<Uint8Array> =>
  body instanceof ReadableStream ? body : new Blob([body ?? ""]).stream();

/** By hand: the platform does not pipe from one of its transform streams to another. */
async function copy(
  body: ReadableStream<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
): Promise<void> {
  const reader = body.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read())
      await writer.write(part.value);
    await writer.close();
  } catch (error) {
    await reader.cancel(error);
    throw error;
  }
}

async function discard({ body }: Reply): Promise<void> {
  if (body instanceof ReadableStream && !body.locked) await body.cancel();
}

/** What comes within a time; undefined where nothing does. */
async function within<T>(coming: Promise<T>, ms: number): Promise<T | undefined> {
  const over = Promise.withResolvers<undefined>();
  const timer = setTimeout(over.resolve, ms, undefined);
  try {
    return await Promise.race([coming, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const encoder = new TextEncoder();
