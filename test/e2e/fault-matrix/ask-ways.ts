/** How a client asks in each way, and what it has got in the end. */
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import type { Way } from "../../fixtures/deployment/fault-routes.ts";
import { API_KEY, type Deployment, readError, says } from "../deployment.ts";

/** What came of one request. */
export interface Got {
  /** The status; of a job that of an answer like its own. */
  readonly status: number;
  /** Of the error, also of one that a stream ends with. */
  readonly code: string | undefined;
  /** Whether something of an answer came, and all of it. */
  readonly answer: "none" | "part" | "whole";
  /** The label of the target that has answered. */
  readonly target: string | null;
  /** How many attempts the client is told of. */
  readonly attempts: number;
  readonly retryAfter: string | null;
}

export type AskWay = (app: Deployment, model: string) => Promise<Got>;

/** No cell takes so long: one that does is a hang. */
const HANG_MS = 60_000;
const TEXT = "good day";
/** Of as many tokens. */
const OTHER_TEXT = "good eve";
const WORDS = /echo:.* day/;

async function send(app: Deployment, path: string, body: unknown): Promise<Response> {
  return fetch(app.gateway.url + path, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${API_KEY}`,
      "content-type": "application/json",
      ...(body === undefined ? { prefer: "wait=50" } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(HANG_MS),
  });
}

async function readWhole(response: Response, isAnswer: (text: string) => boolean): Promise<Got> {
  const told = readHead(response);
  if (!response.ok) return { ...told, code: (await readError(response)).code, answer: "none" };
  const answer = isAnswer(await response.text()) ? "whole" : "part";
  return { ...told, code: undefined, answer };
}

const readHead = ({ status, headers }: Response) => ({
  status,
  target: headers.get("x-headrace-target"),
  attempts: Number(headers.get("x-headrace-attempts")),
  retryAfter: headers.get("retry-after"),
});

async function readStream(response: Response): Promise<Got> {
  if (!response.ok) return readWhole(response, () => false);
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  const isWhole = /day[^]*data: \[DONE\]\s*$/.test(text) && code === undefined;
  return { ...readHead(response), code, answer: isWhole ? "whole" : "part" };
}

const saysWords = (text: string) => WORDS.test(text);
const hasVectors = (text: string) => /"embedding":\s*[["]/.test(text);
const embed = async (app: Deployment, input: object) =>
  readWhole(await send(app, "/v1/embeddings", input), hasVectors);

/** Submits a job without waiting for it, as its queue runs it, and waits for its end. */
async function runJob(app: Deployment, task: string, input: object): Promise<Got> {
  const submitted = await send(app, "/v1/jobs", { task, input });
  const { id } = (await submitted.json()) as JobDocument;
  const response = await send(app, `/v1/jobs/${id}`, undefined);
  const job = (await response.json()) as JobDocument;
  const { attempts, error, status } = job;
  if (status !== "succeeded" && status !== "failed") throw new Error(`the job hangs: ${status}`);
  const last = attempts.at(-1);
  return {
    status: error ? (last?.status ?? 502) : 200,
    code: error?.code,
    answer: error ? "none" : (await hasOutput(app, job)) ? "whole" : "part",
    target: last?.target ?? null,
    attempts: attempts.length,
    retryAfter: null,
  };
}

async function hasOutput(app: Deployment, { output, urls }: JobDocument): Promise<boolean> {
  if (output !== null) return saysWords(JSON.stringify(output)) || hasVectors(JSON.stringify(output));
  const text = await (await send(app, urls.output, undefined)).text();
  return /day[^]*data: \[DONE\]\s*$/.test(text);
}

const chat = (model: string, stream?: true) => ({ model, messages: says(TEXT), ...(stream && { stream }) });
const embedding = (model: string, input = TEXT) => ({ model, input });

/** What two that share a call have got, which is the same. */
async function askBoth(model: string, ask: (input: object) => Promise<Got>): Promise<Got> {
  const [one, other] = await Promise.all([TEXT, OTHER_TEXT].map((text) => ask(embedding(model, text))));
  if (!one) throw new Error("nobody asked");
  if (JSON.stringify(one) !== JSON.stringify(other))
    throw new Error(`who shared a call got ${JSON.stringify([one, other])}`);
  return one;
}

export const ASK_WAYS: Readonly<Record<Way, AskWay>> = {
  chat: async (app, model) => readWhole(await send(app, "/v1/chat/completions", chat(model)), saysWords),
  stream: async (app, model) => readStream(await send(app, "/v1/chat/completions", chat(model, true))),
  embeddings: (app, model) => embed(app, embedding(model)),
  window: (app, model) => askBoth(model, (input) => embed(app, input)),
  job: (app, model) => runJob(app, "chat", chat(model)),
  "windowed-job": (app, model) => askBoth(model, (input) => runJob(app, "embeddings", input)),
};

/** A job whose answer is a stream. */
export const askStreamedJob: AskWay = (app, model) => runJob(app, "chat", chat(model, true));
