import { DurableObject } from "cloudflare:workers";
import type {
  GroupAnswer,
  SharedCall,
  WindowEntry,
  WindowNote,
  WindowPort,
  WindowReply,
  WindowSpec,
} from "../../worker/domain/windows/request-window-protocol.ts";
import { Deadline } from "../../worker/domain/requests/deadline.ts";
import type { Environment } from "../../worker/platform/environment.ts";
import type { Log } from "../../worker/platform/log.ts";
import { type CallEnd, type Group, RequestWindow, type WindowPolicy } from "./request-window-state.ts";

/** What a window needs besides its memory. */
export interface RequestWindowPorts {
  readonly now: () => number;
  /** Makes one call for several requests, and gives each its part, in their order. */
  readonly call: (call: SharedCall) => Promise<readonly GroupAnswer[]>;
  /** Undefined where the route has no window any more. */
  readonly policyOf: (spec: WindowSpec) => WindowPolicy | undefined;
  readonly log: Log;
}

interface Waiting {
  readonly entry: WindowEntry;
  readonly arrivedAt: number;
  readonly reply: (reply: WindowReply) => void;
}

/** A call in progress. It is aborted when all who share it have left, and lasts as long as the longest waits. */
interface GroupInCall {
  readonly work: AbortController;
  readonly members: Set<string>;
  readonly deadline: Deadline;
}

/**
 * One window of requests. It is in memory only: its callers wait for it, and notice when it is lost. The object
 * makes the calls itself, for it is in memory anyway while they wait.
 */
export abstract class RequestWindowBase extends DurableObject<Environment> implements WindowPort {
  protected abstract openPorts(env: Environment): RequestWindowPorts;

  readonly #ports = this.openPorts(this.env);
  readonly #waiting = new Map<string, Waiting>();
  readonly #calls = new Map<string, GroupInCall>();
  readonly #name = this.ctx.id.toString().slice(0, 8);
  #window: RequestWindow | undefined;
  #timer: ReturnType<typeof setTimeout> | null = null;
  /** What the timer is set for. */
  #wakeAt: number | null = null;

  async run(spec: WindowSpec, entry: WindowEntry): Promise<WindowReply> {
    const policy = this.#ports.policyOf(spec);
    if (!policy) return { kind: "refused", why: "full" };
    this.#window ??= new RequestWindow(policy);
    const now = this.#ports.now();
    const { id, items, tokens, deadlineAt } = entry;
    const size = {
      items: items.length,
      tokens: tokens.reduce((sum, each) => sum + each, 0),
      longest: Math.max(...tokens),
    };
    const admission = this.#window.arrive({ id, ...size, arrivedAt: now, deadlineAt }, now);
    if (admission !== "admitted") return { kind: "refused", why: admission };
    const answer = Promise.withResolvers<WindowReply>();
    this.#waiting.set(id, { entry, arrivedAt: now, reply: answer.resolve });
    this.#dispatch(spec, now);
    return answer.promise;
  }

  async extend(id: string, deadlineAt: number): Promise<void> {
    this.#window?.extend(id, deadlineAt);
    for (const { members, deadline } of this.#calls.values())
      if (members.has(id)) deadline.extend(deadlineAt);
  }

  async leave(id: string): Promise<void> {
    if (this.#window?.leave(id) === true) this.#answer(id, { kind: "refused", why: "left" });
    for (const { work, members } of this.#calls.values()) {
      if (members.delete(id) && members.size === 0) work.abort();
    }
  }

  #dispatch(spec: WindowSpec, now = this.#ports.now()): void {
    if (!this.#window) return;
    const { groups, expired, wakeAt } = this.#window.dispatch(now);
    for (const { id } of expired) this.#answer(id, { kind: "refused", why: "late" });
    for (const group of groups) void this.#call(spec, group);
    if (wakeAt !== this.#wakeAt) this.#setTimer(spec, wakeAt, now);
  }

  /** Sets the timer, unless it is set for that time already, as it is after most arrivals. */
  #setTimer(spec: WindowSpec, wakeAt: number | null, now: number): void {
    clearTimeout(this.#timer);
    this.#wakeAt = wakeAt;
    if (wakeAt === null) return;
    const wake = () => {
      this.#wakeAt = null;
      this.#dispatch(spec);
    };
    this.#timer = setTimeout(wake, Math.max(1, wakeAt - now));
  }

  /** Makes a group's call. However it ends, its slot is freed and each request that waits gets a reply. */
  async #call(spec: WindowSpec, group: Group): Promise<void> {
    const members = group.entries.flatMap(({ id }) => this.#waiting.get(id) ?? []);
    const work = new AbortController();
    const deadline = new Deadline(Math.max(...group.entries.map(({ deadlineAt }) => deadlineAt)));
    this.#calls.set(group.id, { work, members: new Set(members.map(({ entry }) => entry.id)), deadline });
    const entries = members.map(({ entry }) => entry);
    const id = `${this.#name}-${group.id}`;
    const answers = await this.#tryCall({ spec, entries, id, deadline, signal: work.signal });
    this.#calls.delete(group.id);
    const now = this.#ports.now();
    // The last who waited may leave a moment before the call itself is given up.
    const isLate = work.signal.aborted && now >= deadline.at;
    this.#window?.settle(group.id, isLate ? "timed_out" : endOf(answers), now);
    this.#dispatch(spec);
    // The next call is on its way before this one's answers are written, which takes a while.
    await scheduler.wait(0);
    for (const [at, { entry, arrivedAt }] of members.entries()) {
      const waitedMs = group.startedAt - arrivedAt;
      this.#answer(entry.id, toReply(answers[at], { id, size: group.items, waitedMs }));
    }
  }

  async #tryCall(call: SharedCall): Promise<readonly GroupAnswer[]> {
    try {
      return await this.#ports.call(call);
    } catch (error) {
      this.#ports.log.warn("group_failed", { group: call.id, error });
      return [];
    }
  }

  #answer(id: string, reply: WindowReply): void {
    this.#waiting.get(id)?.reply(reply);
    this.#waiting.delete(id);
  }
}

function toReply(answer: GroupAnswer | undefined, window: WindowNote): WindowReply {
  if (!answer) return { kind: "failed", failure: { error: { code: "internal_error" }, tryNext: true } };
  if (!answer.ok) return { kind: "failed", failure: answer.error };
  return { kind: "answered", ...answer.value, window };
}

/** How a call went, for the window to learn from: by its first failure, if there was one. */
function endOf(answers: readonly GroupAnswer[]): CallEnd {
  const failed = answers.find((answer) => !answer.ok);
  if (!failed || failed.ok) return answers.length === 0 ? "failed" : "answered";
  const { code } = failed.error.error;
  if (code === "rate_limited") return "throttled";
  return code === "upstream_timeout" || code === "deadline_exceeded" ? "timed_out" : "failed";
}
