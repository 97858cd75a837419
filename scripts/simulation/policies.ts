import { RequestWindow } from "../../durable-objects/request-window/request-window-state.ts";
import { FixedWindow } from "./fixed-window.ts";

/** What the simulation needs of a policy, which decides which requests share a call. */
export type Policy = Pick<RequestWindow, "arrive" | "dispatch" | "settle">;

/** The upstream: a call of n items takes `baseMs + perItemMs * n`, and no more than `slots` run at once. */
export interface Upstream {
  readonly baseMs: number;
  readonly perItemMs: number;
  readonly slots: number;
  /** The most items it takes in a call. */
  readonly maxItems: number;
}

export type PolicyName = (typeof POLICY_NAMES)[number];

/** In the order of tables and legends. */
export const POLICY_NAMES = ["greedy", "fixed5", "fixed20", "fixed50", "separate"] as const;

/** Headrace's own window, the same with one request a call, and windows of fixed length. */
export const createPolicy = (name: PolicyName, upstream: Upstream): Policy => CREATE[name](upstream);

const CREATE: Readonly<Record<PolicyName, (upstream: Upstream) => Policy>> = {
  greedy: (upstream) => createOwnWindow(upstream, 0),
  fixed5: (upstream) => new FixedWindow({ ...upstream, windowMs: 5 }),
  fixed20: (upstream) => new FixedWindow({ ...upstream, windowMs: 20 }),
  fixed50: (upstream) => new FixedWindow({ ...upstream, windowMs: 50 }),
  separate: (upstream) => createOwnWindow({ ...upstream, maxItems: 1 }, 0),
};

/** Headrace's own window; greedy where `maxDelayMs` is 0. */
export const createOwnWindow = ({ maxItems, slots }: Upstream, maxDelayMs: number): Policy =>
  new RequestWindow({ maxItems, maxTokens: Infinity, padded: false, maxDelayMs, slots, objectiveMs: null });
