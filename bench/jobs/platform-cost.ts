/** What the platform does, as it bills it; for one job these are means, so fractions. Pure. */
export interface PlatformUse {
  /** Requests to the Worker, and deliveries of its queues. */
  readonly workerRequests: number;
  readonly cpuMs: number;
  readonly kvReads: number;
  readonly kvWrites: number;
  /** RPC calls, fetches and alarms; a message on a WebSocket counts as a twentieth of one. */
  readonly objectRequests: number;
  /** Each setAlarm and each delete is one. */
  readonly rowsWritten: number;
  readonly rowsRead: number;
  /** Wall time in which objects are in memory and may not sleep, each billed as 128 MB. */
  readonly objectSeconds: number;
  /** A message is written, read and deleted; once more for each 64 KB begun. */
  readonly queueOperations: number;
}

/**
 * USD for a million of each, marginal: the Workers paid plan beyond what it includes, as the platform's
 * pricing pages had it in November 2026. An object-second is 0.128 GB-s at $12.50 a million.
 */
const PRICES: PlatformUse = {
  workerRequests: 0.3,
  cpuMs: 0.02,
  kvReads: 0.5,
  kvWrites: 5,
  objectRequests: 0.15,
  rowsWritten: 1,
  rowsRead: 0.001,
  objectSeconds: 1.6,
  queueOperations: 0.4,
};

const KINDS = Object.keys(PRICES) as (keyof PlatformUse)[];

export const NO_USE: PlatformUse = mapUse(() => 0);

/** What a million of what uses this cost, in USD; stored gigabytes, logs and the upstream are not in it. */
export const costPerMillion = (use: PlatformUse): number =>
  KINDS.reduce((sum, kind) => sum + PRICES[kind] * use[kind], 0);

/** What each of so many has of a use that they share. */
export const shareUse = (use: PlatformUse, jobs: number): PlatformUse => mapUse((kind) => use[kind] / jobs);

function mapUse(read: (kind: keyof PlatformUse) => number): PlatformUse {
  return Object.fromEntries(KINDS.map((kind) => [kind, read(kind)])) as unknown as PlatformUse;
}
