/** Hours of every day in UTC, as `22:00`: from the first on, until the second, which may be on the next day. */
export interface OpeningHours {
  readonly from: string;
  readonly to: string;
}

const DAY = 1440;

/** Whether a time, in milliseconds since the epoch, is within these hours; always where both are the same. */
export function isWithin({ from, to }: OpeningHours, now: number): boolean {
  const start = minuteOf(from);
  const minutes = (minuteOf(to) - start + DAY) % DAY || DAY;
  return (Math.floor(now / 60_000) - start + DAY) % DAY < minutes;
}

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
