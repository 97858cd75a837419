/**
 * When each of `count` requests is due, in milliseconds from the start: a Poisson process of that mean
 * rate. The same seed gives the same times, so that rounds and subjects meet the same bursts.
 */
export function drawArrivalTimes(ratePerSecond: number, count: number, seed: number): number[] {
  const random = mulberry32(seed);
  const times: number[] = [];
  let at = 0;
  for (let drawn = 0; drawn < count; drawn++) {
    at += (-Math.log(1 - random()) * 1000) / ratePerSecond;
    times.push(at);
  }
  return times;
}

/** A generator of 32 bits of state, uniform in [0, 1); by Tommy Ettinger, in the public domain. */
export function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
