import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Compute } from "./model.ts";

/** As many as OpenAI's small model gives. */
const DIMENSIONS = 1536;

/**
 * A device on which n texts take `baseMs + itemMs * n`, to a tenth of a millisecond: a thread of its own
 * sleeps that long, for Node's timers are late by up to a millisecond. What waited for the device begins
 * when the call before has ended, however late that was heard of.
 */
export function startTimedDevice(baseMs: number, itemMs: number): Compute {
  const device = new Worker(SLEEPER, { eval: true });
  device.unref();
  const vector = new Float32Array(DIMENSIONS).map((_, place) => Math.sin(place) / 28);
  let freeAt = 0;
  return async (texts, arrivedAt) => {
    freeAt = Math.max(freeAt, arrivedAt) + baseMs + itemMs * texts.length;
    const awake = once(device, "message");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    device.postMessage(performance.timeOrigin + freeAt);
    await awake;
    return texts.map(() => vector);
  };
}

const SLEEPER = `
const { parentPort } = require("node:worker_threads");
const never = new Int32Array(new SharedArrayBuffer(4));
parentPort.on("message", (until) => {
  Atomics.wait(never, 0, 0, Math.max(0, until - performance.timeOrigin - performance.now()));
  parentPort.postMessage(null);
});
`;
