/** What tells one answer from another, as the provider said it. */
export interface TurnHead {
  readonly id: string | undefined;
  /** Seconds since the epoch. */
  readonly created: number | undefined;
  readonly model: string;
}

const MAX_LENGTH = 48;

/**
 * The part of an answer's ids that tells it from other answers: what the provider's own id has of it,
 * else the second it was made. Nothing here is drawn at random, so a replay has the ids it had.
 */
export function deriveId({ id, created }: TurnHead): string {
  const own = (id ?? "").replace(/^[a-z]+[-_]/i, "").replace(/[^A-Za-z0-9]/g, "");
  return own.slice(0, MAX_LENGTH) || String(created ?? 0);
}
