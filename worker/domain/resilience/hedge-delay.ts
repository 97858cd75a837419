/** What is known of how long a target takes to begin its answers. */
export interface Observed {
  /** In milliseconds: nineteen in twenty had begun by then. */
  readonly p95Ms: number;
  readonly samples: number;
}

/** Fewer say nothing of a twentieth. */
const MIN_SAMPLES = 20;

/**
 * After how many milliseconds of silence a second call is worth making: the target's 95th percentile ("The Tail
 * at Scale", Dean and Barroso, 2013, which costs 5% more calls), or what the route says. Undefined where
 * neither is known.
 */
export const hedgeDelayMs = (
  afterMs: number | undefined,
  observed: Observed | undefined,
): number | undefined =>
  afterMs ?? (observed && observed.samples >= MIN_SAMPLES ? observed.p95Ms : undefined);
