import { setTimeout as wait } from "node:timers/promises";
import type { AnswerFact, AttemptFact } from "../../../worker/domain/facts/fact.ts";
import { nameFaultRoute, REFUSED, type Way, WAYS } from "../../fixtures/deployment/fault-routes.ts";
import { type Deployment, readFacts } from "../deployment.ts";
import { ASK_WAYS, askStreamedJob, type AskWay, type Got } from "./ask-ways.ts";
import { MATRIX_ROWS, type MatrixRow, type Meeting } from "./matrix-rows.ts";

/** A fault met in one way of asking, with a second target and without one. */
export interface Cell {
  readonly way: Way;
  readonly row: MatrixRow;
  readonly meeting: Meeting;
  readonly ask: AskWay;
  readonly route: string;
}

/** What was seen of a cell. */
export interface Seen {
  readonly got: Got | Error;
  /** How many calls each target got. */
  readonly calls: { readonly first: number; readonly second: number };
  /** What was told of each call that failed, in their order. */
  readonly failed: readonly AttemptFact[];
  /** What was told of the answers: of two, where two have shared a call. */
  readonly answers: readonly AnswerFact[];
}

export interface SeenCell extends Cell {
  readonly seen: Seen;
  /** Absent for jobs, whose queue goes on for as long as they have time. */
  readonly alone?: Seen;
}

/** Jobs are repeated by their queue for as long as they have time: what becomes of one without a second target is not waited for. */
export const isJob = (way: Way) => way === "job" || way === "windowed-job";

/** Streams' own faults are met by streams, and by jobs that are streams. */
export const CELLS: readonly Cell[] = WAYS.flatMap((way) =>
  MATRIX_ROWS.flatMap((row, at): Cell[] => {
    const isStream = way === "stream" || (way === "job" && !row.whole);
    const meeting = isStream ? row.streamed : row.whole;
    if (!meeting) return [];
    const route = nameFaultRoute(way, meeting.fault === REFUSED ? REFUSED : String(at));
    return [{ way, row, meeting, route, ask: way === "job" && isStream ? askStreamedJob : ASK_WAYS[way] }];
  }),
);

/** Cells that wait at once: each waits for its provider most of the time; those that do more come after them. */
const AT_ONCE = 24;
const HEAVY_AT_ONCE = 2;

/** Runs all cells, some at once: the provider tells them apart by their models. */
export async function runCells(app: Deployment): Promise<readonly SeenCell[]> {
  const gots = new Map<string, Got | Error>();
  const asked = CELLS.flatMap((cell) => [
    { ...cell, model: cell.route },
    ...(isJob(cell.way) ? [] : [{ ...cell, model: `${cell.route}-alone` }]),
  ]);
  const work = async (left: Iterable<(typeof asked)[number]>) => {
    for (const { ask, meeting, model } of left) {
      const { fault } = meeting;
      if (fault !== REFUSED)
        await app.primary.fault(typeof fault === "function" ? fault() : fault, { match: { model } });
      gots.set(model, await ask(app, model).catch((error: unknown) => error as Error));
    }
  };
  for (const [isHeavy, atOnce] of [
    [false, AT_ONCE],
    [true, HEAVY_AT_ONCE],
  ] as const) {
    const left = asked.filter(({ row }) => (row.heavy === true) === isHeavy).values();
    await Promise.all(Array.from({ length: atOnce }, () => work(left)));
  }
  const seen = await readSeen(app, gots);
  return CELLS.map((cell) => ({ ...cell, ...look(cell, seen) }));
}

function look({ route, way }: Cell, seen: ReadonlyMap<string, Seen>): Pick<SeenCell, "seen" | "alone"> {
  const find = (name: string): Seen => {
    const found = seen.get(name);
    if (!found) throw new Error(`nothing is seen of ${name}`);
    return found;
  };
  return { seen: find(route), ...(isJob(way) ? {} : { alone: find(`${route}-alone`) }) };
}

const TELL_MS = 200;
const TELLS = 50;

/** What the providers have received and the gateway has told, which is some time after its answers. */
async function readSeen(
  app: Deployment,
  gots: ReadonlyMap<string, Got | Error>,
): Promise<ReadonlyMap<string, Seen>> {
  const [first, second] = await Promise.all([countCalls(app.primary), countCalls(app.secondary)]);
  for (let turn = 1; ; turn++) {
    const facts = readFacts(app.gateway).filter((fact) => fact.kind === "attempt" || fact.kind === "answer");
    const told = Map.groupBy(facts, ({ route }) => route);
    const seen = new Map(
      [...gots].map(([route, got]) => {
        const { failed, answers } = sortFacts(told.get(route) ?? []);
        // Nobody counts the calls of a port that is closed.
        const refused = route.includes(REFUSED) ? failed.length : 0;
        const calls = { first: refused + (first.get(route) ?? 0), second: second.get(route) ?? 0 };
        return [route, { got, calls, failed, answers }] as const;
      }),
    );
    if (turn === TELLS || [...seen.values()].every(isTold)) return seen;
    await wait(TELL_MS);
  }
}

/** Of a call that was answered, the answer is told; both are where it broke off. */
function sortFacts(facts: readonly (AttemptFact | AnswerFact)[]): Pick<Seen, "failed" | "answers"> {
  const failed = facts.filter((fact) => fact.kind === "attempt" && fact.error !== null);
  const answers = facts.filter((fact) => fact.kind === "answer" && fact.complete);
  return {
    failed: (failed as AttemptFact[]).toSorted((one, other) => one.startedAt - other.startedAt),
    answers: answers as AnswerFact[],
  };
}

const isTold = ({ calls, failed, answers }: Seen): boolean =>
  failed.length + Math.min(1, answers.length) >= calls.first + calls.second;

async function countCalls(provider: Deployment["primary"]): Promise<ReadonlyMap<string, number>> {
  const models = (await provider.requests()).map(({ body }) => (body as { readonly model: string }).model);
  const counts = new Map<string, number>();
  for (const model of models) counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts;
}
