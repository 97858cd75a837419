import { describe, expect, it } from "vitest";
import { checkHistory } from "../../chaos/history/check-history.ts";
import type { Change, History } from "../../chaos/history/history.ts";
import { LAWS } from "../../chaos/history/laws.ts";
import * as hand from "./history-of.ts";

const {
  changed,
  document,
  events,
  FAILED,
  NOTICE,
  RUNS,
  historyOf,
  look,
  ORDER,
  OUTPUT,
  output,
  QUEUED,
  replay,
  submission,
  SUCCEEDED,
} = hand;
const STREAMED = document({ status: "succeeded", attempts: JSON.parse(SUCCEEDED).attempts as [] });
const violated = (change: Partial<History>, maxAttempts = 8) => [
  ...new Set(checkHistory(historyOf(change), { maxAttempts }).map(({ law }) => law)),
];

/** Of a job that was canceled while it ran. */
const CANCELED: Partial<History> = {
  submissions: [submission({ status: 202, body: QUEUED }), ...twice(replay("{}", { status: 409 }))],
  changes: [changed("cancel", QUEUED, { status: 202 })],
  looks: [look(document({ status: "canceled", attempts: JSON.parse(QUEUED).attempts as [] }))],
  calls: [{ job: "job_1" }],
  outputs: [],
  events: [events("queued started canceling canceled")],
  listed: [{ id: "job_1", status: "canceled" }],
  notices: [{ ...NOTICE, type: "job.canceled" }],
};

describe("a history in which all is well", () => {
  it("violates nothing", () => expect(violated({})).toEqual([]));

  it("may end in failure, told the same way each time", () => {
    const error = '{"error":{"code":"all_targets_failed","request_id":"key-1"}}';
    const change: Partial<History> = {
      submissions: [submission({ status: 504, body: "late" }), ...twice(replay(error, { status: 502 }))],
      looks: [look(QUEUED), look(FAILED)],
      outputs: [],
      events: [events("queued started retrying started failed")],
      listed: [{ id: "job_1", status: "failed" }],
      notices: [{ ...NOTICE, type: "job.failed" }],
    };
    expect(violated(change)).toEqual([]);
  });

  it("may answer repeats with the job's document, where that is what was asked for", () => {
    const change: Partial<History> = {
      orders: [{ ...ORDER, answers: "document" }],
      submissions: [submission({ status: 202, body: QUEUED }), ...twice(replay(SUCCEEDED))],
    };
    expect(violated(change)).toEqual([]);
  });

  it("may show a lost run's chunks before those of the output", () => {
    const types = "queued started output:a retrying started output:a output:b succeeded";
    expect(violated(streamedHistory(types))).toEqual([]);
  });

  it("may show the job as not ended to a read that began before the end was seen", () => {
    const [end, late] = [look(SUCCEEDED), look(QUEUED)];
    const overlapping = { ...late, began: end.began, ended: end.ended + 0.5 };
    expect(violated({ looks: [end, overlapping, look(SUCCEEDED)] })).toEqual([]);
  });

  it("may end as canceled, where that was asked", () => expect(violated(CANCELED)).toEqual([]));

  it("may have answered a job that was canceled meanwhile, alone or with others", () => {
    const dropped = document({ status: "canceled", attempts: JSON.parse(SUCCEEDED).attempts as [] });
    const types = "queued started retrying started canceling canceled";
    const calls = [{ job: "job_1" }, { job: "job_1" }];
    expect(violated({ ...CANCELED, looks: [look(dropped)], events: [events(types)], calls })).toEqual([]);
    expect(violated({ ...CANCELED, calls })).toEqual(["calls within the attempts"]);
    expect(violated({ ...CANCELED, calls, orders: [{ ...ORDER, shared: true }] })).toEqual([]);
  });

  it("may end otherwise where it was asked too late", () => {
    const late = changed("cancel", SUCCEEDED);
    expect(violated({ changes: [late] })).toEqual([]);
  });

  it("may be deleted at its end, and is gone then", () => expect(violated(deletedHistory())).toEqual([]));

  it("may be deleted by one whose answer was lost, and have told its webhook of nothing", () => {
    const lost = { status: 404, tries: 2 };
    expect(violated({ ...deletedHistory(lost), notices: [] })).toEqual([]);
  });

  it("may be a retry of another job", () => {
    const orders = [{ ...ORDER, retryOf: "job_0" }];
    const looks = [look(SUCCEEDED.replace('"retry_of":null', '"retry_of":"job_0"'))];
    expect(violated({ orders, looks })).toEqual([]);
  });

  it("may have attempts without a call, because their run was killed before it", () =>
    expect(violated({ calls: [{ job: "job_1" }] })).toEqual([]));
});

/** What goes wrong, the change of the history, and the laws that see it. */
const CASES: readonly (readonly [string, Partial<History>, readonly string[]])[] = [
  [
    "an order that never became a job",
    { submissions: [submission(null)], looks: [], calls: [], listed: [] },
    ["accepted"],
  ],
  [
    "a submission that was refused",
    { submissions: [submission({ status: 422, job: null, body: "no" }), submission({}), ...replays()] },
    ["not refused"],
  ],
  [
    "a key accepted as two jobs",
    { submissions: [submission({}), submission({ job: "job_2" }), ...replays()] },
    ["one job a key"],
  ],
  [
    "two keys that share a job",
    {
      orders: [ORDER, { ...ORDER, key: "key-2" }],
      submissions: [submission({}), ...replays(), submission({}, { key: "key-2" })],
    },
    ["one key a job"],
  ],
  ["a job that never ends", { looks: [look(QUEUED)] }, ["no job lost"]],
  ["a job nobody has seen", { looks: [] }, ["no job lost"]],
  [
    "a job that is forgotten",
    { looks: [look(SUCCEEDED), look("{}", { status: 404 })] },
    ["no job lost", "never back from its end"],
  ],
  [
    "two outcomes",
    { looks: [look(FAILED), look(SUCCEEDED)] },
    ["one outcome", "unchanged after its end", "attempts only grow"],
  ],
  [
    "another output afterwards",
    {
      looks: [
        look(SUCCEEDED.replace('"output":{"says":"a mill"}', '"output":{"says":"a wheel"}')),
        look(SUCCEEDED),
      ],
    },
    ["one outcome", "unchanged after its end"],
  ],
  [
    "a document that changes after the end, though not its outcome",
    { looks: [look(SUCCEEDED.replace('"id"', '"ended_at":1,"id"')), look(SUCCEEDED)] },
    ["unchanged after its end"],
  ],
  [
    "an ended job that runs again",
    { looks: [look(SUCCEEDED), look(QUEUED), look(SUCCEEDED)] },
    ["never back from its end", "attempts only grow"],
  ],
  [
    "an attempt that disappears",
    { looks: [look(QUEUED), look(document({})), look(SUCCEEDED)] },
    ["attempts only grow"],
  ],
  [
    "an attempt that is rewritten",
    { looks: [look(QUEUED.replace("503", "500")), look(SUCCEEDED)] },
    ["attempts only grow"],
  ],
  [
    "an attempt that failed and says nothing of it",
    { looks: [look(SUCCEEDED.replace('"upstream_error"', "null"))] },
    ["attempts tell their failures"],
  ],
  [
    "more calls than attempts",
    { calls: Array.from({ length: 3 }, () => ({ job: "job_1" })) },
    ["calls within the attempts"],
  ],
  ["an answer that nobody was asked for", { calls: [] }, ["no answer without a call"]],
  ["a call for a job nobody was told of", { calls: [{ job: "job_1" }, { job: "job_9" }] }, ["no stray call"]],
  ["a call without a job", { calls: [{ job: "job_1" }, { job: null }] }, ["no stray call"]],
  [
    "the answer to another question",
    {
      submissions: [submission({ status: 504, body: "late" }), ...twice(replay('{"says":"a wheel"}'))],
      outputs: [output('{"says":"a wheel"}')],
    },
    ["its own answer", "its document shows its output"],
  ],
  [
    "a document with another output than the one that is read",
    { looks: [look(SUCCEEDED.replace('"output":{"says":"a mill"}', '"output":{"says":"a wheel"}'))] },
    ["its document shows its output"],
  ],
  [
    "a repeat that differs in a byte",
    { submissions: [submission({}), replay(`${OUTPUT} `)] },
    ["replays byte-equal"],
  ],
  [
    "a first answer that differs from the repeats",
    { submissions: [submission({ body: `${OUTPUT} ` }), ...replays()] },
    ["replays byte-equal"],
  ],
  [
    "a repeat that fails where the job has not",
    { submissions: [submission({}), replay("{}", { status: 500, job: null })] },
    ["replays byte-equal"],
  ],
  [
    "a repeat that is not marked as one",
    { submissions: [submission({}), replay(OUTPUT, { replayed: false })] },
    ["replays byte-equal"],
  ],
  [
    "two repeats of a failure that differ",
    {
      submissions: [
        submission({ status: 504 }),
        replay("{1}", { status: 502 }),
        replay("{2}", { status: 502 }),
      ],
      looks: [look(FAILED)],
      outputs: [],
      events: [events("queued started retrying started failed")],
      listed: [{ id: "job_1", status: "failed" }],
      notices: [{ ...NOTICE, type: "job.failed" }],
    },
    ["replays byte-equal"],
  ],
  ["a job that the list has not", { listed: [] }, ["listed once, with its end"]],
  [
    "a job that the list has twice",
    { listed: twice({ id: "job_1", status: "succeeded" }) },
    ["listed once, with its end"],
  ],
  [
    "a job whose end the list has not heard of",
    { listed: [{ id: "job_1", status: "queued" }] },
    ["listed once, with its end"],
  ],
  [
    "a listed job that nobody was told of",
    {
      listed: [
        { id: "job_1", status: "succeeded" },
        { id: "job_9", status: "queued" },
      ],
    },
    ["no stray job"],
  ],
  ...[
    ["two ends", "queued started succeeded started succeeded"],
    ["an end that is not the job's", "queued started failed"],
    ["no end", "queued started"],
    ["something after the end", "queued started succeeded started"],
    ["two beginnings", "queued queued started succeeded"],
    ["too many runs", `queued${" started retrying".repeat(8)} started succeeded`],
  ].map(
    ([name, types = ""]) =>
      [`events with ${name}`, { events: [events(types)] }, ["events tell one end"]] as const,
  ),
  [
    "events out of order",
    { events: [events(RUNS, ["1-0", "2-0", "3-0", "5-0", "4-0"])] },
    ["events tell one end"],
  ],
  ["events that are no JSON", { events: [look("data: {\n\n")] }, ["events tell one end"]],
  ["events that are not there", { events: [look("", { status: 404 })] }, ["events tell one end"]],
  [
    "chunks that are not the output's",
    streamedHistory("queued started output:a retrying started output:a output:c succeeded"),
    ["events tell the output"],
  ],
  ["a webhook that is never told", { notices: [] }, ["its webhook told"]],
  ["a webhook told of another end", { notices: [{ ...NOTICE, type: "job.failed" }] }, ["its webhook told"]],
  ["a webhook told in two ways", { notices: [NOTICE, { ...NOTICE, body: "{1}" }] }, ["its webhook told"]],
  ["a webhook told under two ids", { notices: [NOTICE, { ...NOTICE, id: "msg_2" }] }, ["its webhook told"]],
  ["a webhook that nobody asked for", { orders: [{ ...ORDER, webhook: false }] }, ["its webhook told"]],
  ["a cancel that nobody asked for", { ...CANCELED, changes: [] }, ["canceled if asked"]],
  [
    "a cancel that was promised and did not come",
    { changes: [changed("cancel", QUEUED, { status: 202 })] },
    ["canceled if asked"],
  ],
  [
    "a cancel that was told as another end than it is",
    { changes: [changed("cancel", document({ status: "canceled" }))] },
    ["canceled if asked"],
  ],
  [
    "a cancel that is refused",
    { changes: [changed("cancel", "{}", { status: 404 })] },
    ["canceled if asked"],
  ],
  ["a deletion that is refused", deletedHistory({ status: 409 }), ["deleted when asked"]],
  ["a deletion of what is not there", deletedHistory({ status: 404 }), ["deleted when asked"]],
  [
    "a deleted job that is listed",
    { ...deletedHistory(), listed: [{ id: "job_1", status: "succeeded" }] },
    ["gone once deleted"],
  ],
  ["a deleted job that is back", deletedHistory({}, { after: 200 }), ["gone once deleted"]],
  ["a deleted job's output that is left", deletedHistory({}, { left: 200 }), ["gone once deleted"]],
  [
    "a job lost before it was deleted",
    deletedHistory({}, { looks: [look(QUEUED), look("{}", { status: 404 })] }),
    ["no job lost"],
  ],
  [
    "a retry of another job",
    { looks: [look(SUCCEEDED.replace('"retry_of":null', '"retry_of":"job_0"'))] },
    ["a retry of its job"],
  ],
  [
    "a retry that is the job itself",
    {
      orders: [{ ...ORDER, retryOf: "job_1" }],
      looks: [look(SUCCEEDED.replace('"retry_of":null', '"retry_of":"job_1"'))],
    },
    ["a retry of its job"],
  ],
  ["many calls in an outage", { outages: [{ lengthMs: 1000, calls: 21 }] }, ["few calls in an outage"]],
  ["a bug in the gateway's log", { logged: new Map([["bug", 1]]) }, ["no bug"]],
];

describe("the check catches", () => {
  it.each(CASES)("%s", (_, change, laws) => {
    expect(violated(change).toSorted()).toEqual([...laws].toSorted());
  });

  it("no run too many where one was put back without a call", () => {
    const stream = events(RUNS);
    const body = stream.body.replace('"type":"job.retrying"', '"type":"job.retrying","error":"overloaded"');
    expect(violated({ events: [{ ...stream, body }] }, 1)).toEqual(["attempts within the policy"]);
  });

  it("more attempts than the route gives", () =>
    expect(violated({}, 1)).toEqual(["attempts within the policy", "events tell one end"]));

  it("a violation of each law, by these very cases", () => {
    const caught = new Set(CASES.flatMap(([, , laws]) => laws)).add("attempts within the policy");
    expect(Object.keys(LAWS).filter((law) => !caught.has(law))).toEqual([]);
  });

  it("them by key and job", () => {
    const found = checkHistory(historyOf({ looks: [look(QUEUED)] }), { maxAttempts: 8 });
    expect(found).toEqual([
      { law: "no job lost", about: "key-1 job_1", what: expect.stringContaining('"status":"queued"') },
    ]);
  });
});

/** Of a job that was deleted after some looks, with the statuses of what is read of it then. */
function deletedHistory(
  more: Partial<Change> = {},
  { looks = [look(QUEUED), look(SUCCEEDED)], after = 404, left = 404 } = {},
): Partial<History> {
  const read = output();
  const deletion = changed("delete", "", { status: 204, ...more });
  return {
    submissions: [submission({})],
    looks: [...looks, look(SUCCEEDED, { status: after })],
    outputs: [read, output(OUTPUT, { status: left })],
    events: [{ ...events(RUNS), began: read.began, ended: read.ended }],
    changes: [deletion],
    listed: [],
  };
}

/** Of a job whose output is the stream of the chunks a and b. */
function streamedHistory(types: string): Partial<History> {
  const stream = 'data: {"chunk":"a"}\n\ndata: {"chunk":"b"}\n\ndata: [DONE]\n\n';
  return {
    orders: [{ ...ORDER, streamed: true, answers: "document", isAnswerTo: () => true }],
    submissions: [submission({ status: 202, body: QUEUED }), ...twice(replay(STREAMED))],
    looks: [look(STREAMED)],
    outputs: [output(stream)],
    events: [events(types)],
  };
}

function twice<T>(one: T): readonly T[] {
  return [one, one];
}

function replays() {
  return twice(replay(OUTPUT));
}
