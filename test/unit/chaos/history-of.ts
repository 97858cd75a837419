import type {
  Change,
  History,
  Look,
  Notice,
  Reading,
  Submission,
  Wanted,
} from "../../chaos/history/history.ts";

/** Histories by hand: one that is well, and what can be changed about it. */

export const ORDER: Wanted = {
  key: "key-1",
  text: "a mill",
  answers: "output",
  streamed: false,
  shared: false,
  webhook: true,
  retryOf: null,
  isAnswerTo: (sent, text) => (JSON.parse(sent) as { says: string }).says === text,
};
export const OUTPUT = '{"says":"a mill"}';

const failed = { n: 1, status: 503, error: "upstream_error" };
const good = { n: 2, status: 200, error: null };
const common = { id: "job_1", output: null, error: null, retry_of: null };

/** The job's document at one moment, as JSON. */
export const document = (change: object): string =>
  JSON.stringify({ ...common, status: "queued", attempts: [], ...change });

export const QUEUED = document({ attempts: [failed] });
export const SUCCEEDED = document({
  status: "succeeded",
  attempts: [failed, good],
  output: JSON.parse(OUTPUT),
});
export const FAILED = document({
  status: "failed",
  attempts: [failed, failed],
  error: { code: "attempts_exhausted" },
});

let moment = 0;
const span = () => ({ began: moment++, ended: moment++ });

export const look = (body: string, change: Partial<Look> = {}): Look => ({
  job: "job_1",
  status: 200,
  body,
  ...span(),
  ...change,
});

export const output = (body = OUTPUT, change: Partial<Reading> = {}): Reading => look(body, change);

/** The events of a job that failed once and then succeeded. */
export const RUNS = "queued started retrying started succeeded";

/** A stream of events, by their types; `output:x` is a chunk that says x. */
export const events = (types: string, ids?: readonly string[]): Reading =>
  look(
    types
      .split(" ")
      .map((type, n) => {
        const [name, chunk] = type.split(":");
        const data = {
          id: ids?.[n] ?? `${n + 1}-0`,
          type: `job.${name}`,
          ...(chunk && { output: { chunk } }),
        };
        return `id: ${data.id}\nevent: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
      })
      .join(""),
  );

/** The one who canceled or deleted the job, and was told so. */
export const changed = (kind: Change["change"], body: string, more: Partial<Change> = {}): Change => ({
  ...look(body),
  change: kind,
  tries: 1,
  ...more,
});

/** A delivery of its webhook; it may come twice. */
export const NOTICE: Notice = { job: "job_1", id: "msg_1_succeeded", type: "job.succeeded", body: "{}" };

type Reply = NonNullable<Submission["reply"]>;

export const submission = (reply: Partial<Reply> | null, change: Partial<Submission> = {}): Submission => ({
  key: ORDER.key,
  replay: false,
  reply: reply && { status: 200, job: "job_1", replayed: false, body: OUTPUT, ...reply },
  ...span(),
  ...change,
});

export const replay = (body: string, reply: Partial<Reply> = {}): Submission =>
  submission({ body, replayed: true, ...reply }, { replay: true });

/** One job, submitted twice because its connection was lost, that failed once and then succeeded. */
export const historyOf = (change: Partial<History> = {}): History => ({
  orders: [ORDER],
  submissions: [submission(null), submission({}), replay(OUTPUT), replay(OUTPUT)],
  looks: [look(QUEUED), look(SUCCEEDED), look(SUCCEEDED)],
  outputs: [output()],
  calls: [{ job: "job_1" }, { job: "job_1" }],
  notices: [NOTICE, NOTICE],
  listed: [{ id: "job_1", status: "succeeded" }],
  kills: 1,
  outages: [{ lengthMs: 1000, calls: 0 }],
  events: [events(RUNS)],
  changes: [],
  logged: new Map([["attempt_failed", 1]]),
  ...change,
});
