import { embed } from "../../helpers/fake-provider/embeddings.ts";
import { readChunks } from "../history/read-events.ts";

/** A way to ask for a job: what is sent, and how to tell that the answer is to that very question. */
export interface JobKind {
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it brings an Idempotency-Key; without one its route knows the job by its content. */
  readonly keyed: boolean;
  /** The request's body; what is a job by its path can have a webhook. Absent where there is none. */
  readonly body?: (text: string, webhook?: Webhook) => object;
  /** What a repeat answers once the job has ended: the job's document, or its bare output. */
  readonly answers: "document" | "output";
  /** Whether the output is a stream of chunks. */
  readonly streamed: boolean;
  /** Whether its calls are shared with other jobs. */
  readonly shared: boolean;
  /** Whether an output, as it was sent, answers the text. */
  readonly isAnswerTo: (output: string, text: string) => boolean;
}

export interface Webhook {
  readonly url: string;
}

interface Task extends Pick<JobKind, "keyed" | "streamed" | "shared" | "isAnswerTo"> {
  readonly task: string;
  readonly path: string;
  readonly input: (text: string) => object;
}

const CHAT: Task = {
  task: "chat",
  path: "/v1/chat/completions",
  keyed: true,
  streamed: false,
  shared: false,
  input: (text) => ({ model: "unsteady-chat", messages: [{ role: "user", content: text }] }),
  isAnswerTo: (output, text) =>
    (JSON.parse(output) as Completion).choices?.[0]?.message?.content === `echo: ${text}`,
};

const STREAMED_CHAT: Task = {
  ...CHAT,
  streamed: true,
  input: (text) => ({ ...CHAT.input(text), stream: true }),
  isAnswerTo: (output, text) => joinDeltas(output) === `echo: ${text}`,
};

const EMBEDDINGS: Task = {
  task: "embeddings",
  path: "/v1/embeddings",
  keyed: true,
  streamed: false,
  shared: false,
  input: (text) => ({ model: "unsteady-embed", input: text }),
  isAnswerTo: (output, text) =>
    JSON.stringify((JSON.parse(output) as Embeddings).data?.[0]?.embedding) ===
    JSON.stringify([...embed(text)]),
};

/** On a route that knows jobs by their content. */
const KNOWN_EMBEDDINGS: Task = {
  ...EMBEDDINGS,
  keyed: false,
  input: (text) => ({ model: "unsteady-known", input: text }),
};

/** On a route whose jobs wait for each other, and share calls. */
const WINDOWED_EMBEDDINGS: Task = {
  ...EMBEDDINGS,
  shared: true,
  input: (text) => ({ model: "unsteady-windowed", input: text }),
};

interface Completion {
  readonly choices?: readonly { readonly message?: { readonly content?: string } }[];
}
interface Embeddings {
  readonly data?: readonly { readonly embedding?: readonly number[] }[];
}
interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
}

const joinDeltas = (stream: string): string =>
  (readChunks(stream) as readonly Chunk[]).map(({ choices }) => choices?.[0]?.delta?.content ?? "").join("");

/** What a way to ask takes over from its task. */
const askFor = ({ keyed, streamed, shared, isAnswerTo }: Task) => ({ keyed, streamed, shared, isAnswerTo });

/** `POST /v1/jobs`. */
const asJob = (task: Task, name: string, headers = {}): JobKind => ({
  ...askFor(task),
  name,
  path: "/v1/jobs",
  headers,
  body: (text, webhook) => ({ task: task.task, input: task.input(text), ...(webhook && { webhook }) }),
  answers: "document",
});

/** The task's own endpoint: the key makes a job of it. */
const asCall = (task: Task, name: string, headers = {}): JobKind => ({
  ...askFor(task),
  name,
  path: task.path,
  headers,
  body: (text) => task.input(text),
  answers: "output",
});

/** `POST /v1/jobs/{id}/retry` of a job of a kind that has ended. */
export const asRetry = ({ streamed, shared, isAnswerTo, name }: JobKind, id: string): JobKind => ({
  streamed,
  shared,
  isAnswerTo,
  name: `retry: ${name}`,
  path: `/v1/jobs/${id}/retry`,
  headers: {},
  keyed: true,
  answers: "document",
});

/** All the ways there are; a run draws from them evenly. */
export const JOB_KINDS: readonly JobKind[] = [
  asJob(EMBEDDINGS, "job: embeddings"),
  asJob(CHAT, "job: chat"),
  asJob(STREAMED_CHAT, "job: chat, streamed"),
  asJob(KNOWN_EMBEDDINGS, "job: embeddings, known by content"),
  asJob(WINDOWED_EMBEDDINGS, "job: embeddings, in a window"),
  asJob(EMBEDDINGS, "job: embeddings, wait", { prefer: "wait=5" }),
  asCall(CHAT, "call: chat"),
  asCall(EMBEDDINGS, "call: embeddings"),
  asCall(CHAT, "call: chat, respond-async", { prefer: "respond-async" }),
  asCall(WINDOWED_EMBEDDINGS, "call: embeddings, respond-async, in a window", { prefer: "respond-async" }),
  asCall(EMBEDDINGS, "call: embeddings, respond-async, wait", { prefer: "respond-async, wait=2" }),
];
