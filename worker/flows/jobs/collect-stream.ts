import type { GatewayError } from "../../contract/errors.ts";
import type { AnswerBody, Pieces } from "../../domain/answers/answer-body.ts";
import { readChunks } from "../../domain/jobs/job-events.ts";
import type { Lease } from "../../domain/jobs/job-protocol.ts";
import { ok, type Result } from "../../domain/result.ts";
import { Flight } from "../../streams/flight.ts";
import { hearEnd } from "../../streams/hear-end.ts";
import type { CollectedAnswer } from "./collect-answer.ts";
import type { InferenceCall } from "../call.ts";
import { askJob, type JobServices } from "./job-services.ts";
import { recordStream } from "./record-stream.ts";
import type { InferenceOutcome } from "../inference/outcome.ts";
import { ChunkSender } from "./send-chunks.ts";

/** The request that started the run, where it reads the answer as it comes. */
export interface LiveReader {
  /** How long it waits, in milliseconds since the epoch; the run itself may last longer. */
  readonly until: number;
  /** Called with a streamed answer when it begins. */
  readonly onStream: (outcome: InferenceOutcome) => void;
}

/** The part of a run that matters here. */
interface StreamedRun {
  readonly id: string;
  readonly lease: Lease;
  readonly call: InferenceCall;
  readonly live?: LiveReader | undefined;
  /** Ends the run when its answer is no longer wanted. */
  readonly stop: () => void;
}

export const STREAM_TYPE = "text/event-stream; charset=utf-8";

/**
 * Reads the stream of a job's answer to its end, at the provider's pace. Meanwhile it passes it on: to the
 * request that started the run, where that waits for it here, and to those who follow the job.
 */
export async function collectStream(
  services: JobServices,
  run: StreamedRun,
  outcome: InferenceOutcome,
  { pieces, settlement }: Extract<AnswerBody, { form: "events" }>,
): Promise<Result<CollectedAnswer, GatewayError | "too_large">> {
  const { now, log } = services;
  const { live } = run;
  const { caller, deadline, signal } = run.call;
  const tee = new Flight<never>({
    now,
    hold: (letGo) => services.held.open(caller.tenant, letGo),
    deadline,
  });
  live?.onStream({ ...outcome, body: { form: "events", pieces: readLive(tee, live), settlement } });
  const makeRoom = async () => {
    await tee.makeRoom({ signal, mustKeep: true, until: now() + MAX_ROOM_MS });
    return !tee.isFull;
  };
  const sender = new ChunkSender({
    sleep: services.sleep,
    append: (from, chunks) => askJob(services, run.id, (job) => job.append(run.lease.epoch, from, chunks)),
    onRefused: run.stop,
    now,
    log,
  });
  const recorded = await recordStream(pieces, {
    includeUsage: run.call.showsUsage,
    hear(piece) {
      tee.add(piece);
      return !tee.isFull || makeRoom();
    },
    hearKept: (bytes) => sender.add(readChunks(bytes)),
  });
  sender.stop();
  if (!recorded.ok) {
    tee.finish(recorded.error === "too_large" ? TOO_LONG : { ok: false, error: recorded.error });
    tee.release();
    return recorded;
  }
  const { bytes, usage } = recorded.value;
  tee.finish(ok(usage));
  tee.release();
  return ok({ contentType: STREAM_TYPE, bytes, settlement: await settlement });
}

/** How long a run waits for others to let go of memory; then it fails, and is repeated later. */
const MAX_ROOM_MS = 10_000;

/** The stream for the request that started the run; heard to its end, so that the flight lets go of it. */
function readLive(tee: Flight<never>, { until }: LiveReader): Pieces {
  const place = tee.join(0);
  return hearEnd(tee.read(place, { own: true, deadlineAt: until }), () => tee.leave(place));
}

const TOO_LONG = { ok: false, error: { code: "upstream_invalid_response" } } as const;
