import { asksByHeader } from "../../domain/routing/client-headers.ts";
import { jurisdictionOf } from "../../domain/config/release.ts";
import type { JobWindowConfig } from "../../contract/config/config.ts";
import type { TaskRequests } from "../../contract/requests.ts";
import { isWindowTask, readItems } from "../../domain/windows/window-items.ts";
import type { Route } from "../../domain/routing/catalog.ts";
import type { NewSeat } from "../../domain/jobs/job-protocol.ts";
import {
  type JobWindowEntry,
  type JobWindowPort,
  nameEntry,
} from "../../domain/windows/job-window-protocol.ts";
import type { WindowSpec } from "../../domain/windows/request-window-protocol.ts";
import { callObject } from "../../platform/call-object.ts";
import type { JobServices } from "../jobs/job-services.ts";
import { nameWindow } from "./join-window.ts";
import type { Order } from "../jobs/order.ts";

/** A seat for a job in a window, and what the window is told of the job. */
export interface WindowSeat {
  readonly seat: NewSeat;
  readonly spec: WindowSpec;
  readonly entry: Omit<JobWindowEntry, "id" | "createdAt">;
}

/** A larger request gains little from a shared call, and a window holds its jobs in memory. */
const MAX_REQUEST_BYTES = 256_000;
/** As a job's object keeps it. */
const MAX_CACHE_CONTROL = 1000;
/** How long before its deadline a job is sent, whatever its window waits for; half of a shorter time. */
const MARGIN_MS = 30_000;

/**
 * The window in which a job shares a call; undefined where it is run by itself: the route has no window for
 * jobs, the job is urgent, the target is computed in the Worker, or the request fills a call alone or asks for
 * something by its headers. A job with `start_within` is run by itself, for only a claim of its own records when it was started.
 */
export async function findSeat(
  services: JobServices,
  { submission, call }: Order,
  id: string,
): Promise<WindowSeat | undefined> {
  const { priority, policy } = submission;
  const hurries = priority === "interactive" || policy.startWithinMs !== null || call.directives.onlyIfCached;
  const { window } = call.route.jobs;
  if (hurries || !window) return undefined;
  const fit = fitRequest(call.route, window, { submission, call });
  if (!fit) return undefined;
  const { spec: shared, ...size } = fit;
  const spec: WindowSpec = priority === "economy" ? { ...shared, priority } : shared;
  const name = await nameWindow(spec, window, {
    tenant: call.caller.tenant,
    jurisdiction: jurisdictionOf(call.release, call.caller.tenant),
    continent: undefined,
    spread: id,
  });
  const completeBy = services.now() + policy.completeWithinMs;
  const sendBy = completeBy - Math.min(MARGIN_MS, policy.completeWithinMs / 2);
  const { metadata } = submission;
  const cacheControl = submission.cacheControl?.slice(0, MAX_CACHE_CONTROL) ?? null;
  return {
    seat: { window: services.jobWindows.identify(name, call.caller.tenant), maxDelayMs: window.maxDelayMs },
    spec,
    entry: {
      job: id,
      tenant: call.caller.tenant,
      keyId: call.caller.keyId,
      cacheControl,
      metadata,
      ...size,
      sendBy,
      completeBy,
    },
  };
}

type Fit = Pick<JobWindowEntry, "request" | "items" | "tokens" | "longest"> & Pick<WindowSeat, "spec">;

/** What a window has to know of a request; undefined where it leaves no room for others in a call. */
function fitRequest(
  { name, targets: [target] }: Route,
  { maxItems, maxTokens }: JobWindowConfig,
  { submission, call: { task, body, readHeader } }: Pick<Order, "submission" | "call">,
): Fit | undefined {
  if (!isWindowTask(task) || target?.adapter[task]?.kind !== "http") return undefined;
  if (asksByHeader(readHeader, target)) return undefined;
  const list = readItems(task, body as TaskRequests[typeof task]);
  if (!list || submission.request.byteLength > MAX_REQUEST_BYTES) return undefined;
  const items = list.items.length;
  const tokens = list.tokens.reduce((sum, each) => sum + each, 0);
  if (items >= maxItems || tokens >= maxTokens) return undefined;
  return {
    spec: { route: name, target: target.label, task, parameters: list.parameters },
    request: new TextDecoder().decode(submission.request),
    items,
    tokens,
    longest: Math.max(...list.tokens),
  };
}

/** Puts an accepted job into its window; false where the window is full, or cannot be reached. */
export async function takeSeat(
  services: JobServices,
  { seat, spec, entry }: WindowSeat,
  createdAt: number,
): Promise<boolean> {
  try {
    const named = { ...entry, id: nameEntry(entry.job, createdAt), createdAt };
    const { kind } = await askJobWindow(services, seat.window, (window) => window.add(spec, named));
    return kind === "held";
  } catch (error) {
    services.log.warn("window_not_entered", { job: entry.job, error });
    return false;
  }
}

/** Asks a window of jobs by its object's id. Throws ObjectUnavailable where it cannot be reached. */
export const askJobWindow = <R>(
  { jobWindows }: JobServices,
  id: string,
  ask: (window: JobWindowPort) => Promise<R>,
): Promise<R> => callObject(() => jobWindows.find(id), ask);
