import type { Pieces, StreamEnd } from "../domain/answers/answer-body.ts";

/**
 * Pieces whose end is heard once: how they ended, or undefined where their reader has left. Not a generator
 * around them: one that is left before its first piece never runs, and would hear of nothing.
 */
export function hearEnd(pieces: Pieces, onEnd: (end: StreamEnd | undefined) => void): Pieces {
  let isOver = false;
  const finish = (end: StreamEnd | undefined) => {
    if (!isOver) onEnd(end);
    isOver = true;
  };
  return {
    async next() {
      const step = await pieces.next();
      if (step.done === true) finish(step.value);
      return step;
    },
    return(end) {
      finish(undefined);
      return pieces.return(end);
    },
  };
}
