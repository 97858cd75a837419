import { mulberry32 } from "../../../bench/load/arrival-times.ts";
import { accept } from "../../../durable-objects/job/job-acceptance.ts";
import type { JobState } from "../../../durable-objects/job/job-record.ts";
import { type JobEvent, transition } from "../../../durable-objects/job/job-state.ts";
import type { GatewayError } from "../../../worker/contract/errors.ts";
import { isEnded } from "../../../worker/contract/jobs/job-status.ts";
import { describeFailure } from "../../../worker/domain/jobs/job-failure.ts";
import type { Lease } from "../../../worker/domain/jobs/job-protocol.ts";
import { failPaused } from "../../../worker/domain/routing/upstream-failure.ts";
import { TargetHealth } from "../../../worker/platform/target-health.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { answered, submissionOf, TARGET } from "./jobs.ts";

/** Jobs that come while their one target is down for some time. Times are milliseconds. */
export interface Outage {
  /** When each job is accepted, in their order. */
  readonly arrivals: readonly number[];
  readonly beginsAt: number;
  readonly endsAt: number;
  readonly completeWithinMs: number;
  /** How many isolates consume the queue; each learns by itself that the target is down. */
  readonly isolates: number;
  /** Without pauses every job finds out by itself, too. */
  readonly pauses: boolean;
}

export interface OutageRun {
  /** Calls that the target got, in vain or not. */
  readonly calls: number;
  /** For each job when it had its answer; undefined: it had none. */
  readonly answeredAt: readonly (number | undefined)[];
  /** The most calls for one job. */
  readonly busiest: number;
}

/** A call that is answered, and one that is refused at once, as a dead server's are. */
const ANSWERED_MS = 400;
const REFUSED_MS = 20;
/** Calls that an isolate makes at once, and the lease of a run; as the queue's consumer has them. */
const SLOTS = 5;
const LEASE_MS = 30_000;
const SEED = 11;

/**
 * Runs the jobs' own state machine, the retry's rule and the pauses of targets on a virtual clock; deterministic.
 * Only queue, consumers and upstream are played: a message comes after its delay in whole seconds.
 */
export const simulateOutage = (outage: Outage): OutageRun => new OutageBed(outage).run();

interface Isolate {
  readonly health: TargetHealth;
  running: number;
  readonly waiting: (() => void)[];
}

class OutageBed {
  readonly #outage: Outage;
  readonly #clock = new VirtualClock();
  readonly #random: () => number;
  readonly #isolates: readonly Isolate[];
  readonly #states: JobState[];
  readonly #calls: number[];

  constructor(outage: Outage) {
    const random = mulberry32(SEED);
    this.#outage = outage;
    this.#random = () => 1 - random();
    this.#isolates = Array.from({ length: outage.isolates }, () => ({
      health: new TargetHealth(this.#random),
      running: 0,
      waiting: [],
    }));
    this.#states = outage.arrivals.map(() => ({ status: "absent" }));
    this.#calls = outage.arrivals.map(() => 0);
  }

  run(): OutageRun {
    for (const [job, at] of this.#outage.arrivals.entries()) {
      this.#clock.at(at, () => {
        this.#states[job] = accept(submissionOf(this.#outage.completeWithinMs), at);
        this.#deliver(job);
      });
    }
    this.#clock.run();
    return {
      calls: this.#calls.reduce((all, each) => all + each, 0),
      busiest: Math.max(...this.#calls),
      answeredAt: this.#states.map((state) =>
        isEnded(state) && state.status === "succeeded" ? state.endedAt : undefined,
      ),
    };
  }

  /** A message has come to one of the consumers: the job is claimed, and waits for its turn. */
  #deliver(job: number): void {
    const at = Math.ceil(this.#random() * this.#isolates.length) - 1;
    const isolate = this.#isolates[at];
    const reply = this.#change(job, { type: "claim", leaseMs: LEASE_MS });
    if (!isolate || reply.kind !== "claimed") return;
    const { lease } = reply;
    const refused = this.#outage.pauses ? isolate.health.find(TARGET, this.#clock.now) : undefined;
    if (refused) return this.#fail(job, lease, failPaused("", refused.waitMs).error);
    const turn = () => this.#call(job, lease, isolate);
    if (isolate.running >= SLOTS) isolate.waiting.push(turn);
    else turn();
  }

  #call(job: number, lease: Lease, isolate: Isolate): void {
    const { now } = this.#clock;
    const entry = this.#outage.pauses ? isolate.health.enter(TARGET, now, false) : undefined;
    if (entry?.kind === "refused") {
      this.#fail(job, lease, failPaused("", entry.waitMs).error);
      return isolate.waiting.shift()?.();
    }
    const isTrial = entry?.isTrial === true;
    const isDown = now >= this.#outage.beginsAt && now < this.#outage.endsAt;
    const error = isDown ? ({ code: "upstream_error" } as const) : undefined;
    isolate.running++;
    this.#calls[job] = (this.#calls[job] ?? 0) + 1;
    this.#clock.at(now + (isDown ? REFUSED_MS : ANSWERED_MS), () => {
      isolate.running--;
      isolate.health.hear(TARGET, { startedAt: now, endedAt: this.#clock.now, error, isTrial });
      if (error) this.#fail(job, lease, error);
      else this.#change(job, { type: "complete", epoch: lease.epoch, answer: answered });
      isolate.waiting.shift()?.();
    });
  }

  #fail(job: number, { epoch, tries, completeBy }: Lease, error: GatewayError): void {
    const leftMs = completeBy - this.#clock.now;
    const described = describeFailure(error, { tries, roll: this.#random(), leftMs });
    const run = { ...described, attempts: [], usage: null, costUsd: null };
    this.#change(job, { type: "failAttempt", epoch, run });
  }

  /** Applies an event to a job, and sends what it has to be sent. */
  #change<K extends "claim" | "complete" | "failAttempt">(job: number, event: JobEvent<K>) {
    const { now } = this.#clock;
    const { state, effects, reply } = transition<K>(this.#states[job] ?? ABSENT, event, now);
    this.#states[job] = state;
    for (const effect of effects) {
      if (effect.kind === "send") this.#clock.at(now + effect.delaySeconds * 1000, () => this.#deliver(job));
    }
    return reply;
  }
}

const ABSENT: JobState = { status: "absent" };
