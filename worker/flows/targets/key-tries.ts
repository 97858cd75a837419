import type { RotatedTry, UpstreamFailure } from "../../domain/routing/upstream-failure.ts";

/** One call that failed by the fault of its key, and was made again with another. */
export interface KeyTry {
  /** The name of the key's secret. */
  readonly key: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failed: UpstreamFailure;
}

/** The keys that one attempt has used. */
export interface KeyTries {
  /** Those before the last call. */
  readonly failed: KeyTry[];
  /** The name of the last one's secret. */
  last: string | undefined;
}

/** What the client is told of them: nothing that names a key. */
export const reportTries = ({ failed }: KeyTries): readonly RotatedTry[] =>
  failed.map(({ startedAt, endedAt, failed: { status = null, error } }) => ({
    startedAt,
    endedAt,
    status,
    error: error.code,
  }));
