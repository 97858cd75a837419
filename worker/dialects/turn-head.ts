/** What identifies an answer, as the provider sent it. */
export interface TurnHead {
  readonly id: string | undefined;
  /** Seconds since the epoch. */
  readonly created: number | undefined;
  readonly model: string;
}

const MAX_LENGTH = 48;

/**
 * The part of an answer's ids that is unique to it: from the provider's own id, else the second in which it
 * was made. Nothing in it is random, so a replayed answer has the same ids.
 */
export function deriveId({ id, created }: TurnHead): string {
  const own = (id ?? "").replace(/^[a-z]+[-_]/i, "").replace(/[^A-Za-z0-9]/g, "");
  return own.slice(0, MAX_LENGTH) || String(created ?? 0);
}
