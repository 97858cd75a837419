/** One event of `GET /v1/jobs/{id}/events`, as far as the laws speak of it. */
export interface SeenEvent {
  readonly id: string;
  readonly type: string;
  /** Of `job.retrying`: the code of what went wrong. */
  readonly error?: string;
  /** Of `job.output`: one chunk of the answer. */
  readonly output?: unknown;
}

/** The events of a whole stream, in order. Throws where a block is none. */
export function readEvents(stream: string): readonly SeenEvent[] {
  return dataLines(stream).map((data) => JSON.parse(data) as SeenEvent);
}

/** The chunks of a streamed answer, in order. */
export function readChunks(stream: string): readonly unknown[] {
  return dataLines(stream)
    .filter((data) => data !== "[DONE]")
    .map((data) => JSON.parse(data) as unknown);
}

const dataLines = (stream: string): readonly string[] =>
  [...stream.matchAll(/^data: (.*)$/gm)].map(([, data = ""]) => data);

/** Whether each id is greater than the one before: by its number, then by its part. */
export const areInOrder = (events: readonly SeenEvent[]): boolean =>
  events.every(({ id }, n) => n === 0 || compareIds(events[n - 1]?.id ?? "", id) < 0);

function compareIds(a: string, b: string): number {
  const [[seqA = 0, partA = 0], [seqB = 0, partB = 0]] = [a.split("-").map(Number), b.split("-").map(Number)];
  return seqA - seqB || partA - partB;
}
