/** What an object's class has been asked and has stored. */
export interface ObjectUse {
  /** Calls of its objects, by whomever. */
  requests: number;
  alarms: number;
  rowsWritten: number;
  rowsRead: number;
  /** How long callers waited for it in all: no less than it was kept from sleeping for their sake. */
  waitedMs: number;
}

export interface ObjectTally {
  readonly untilOutcome: ObjectUse;
  /** Retention, and whatever else an object does once its job has ended. */
  readonly afterwards: ObjectUse;
}

/** What the platform would have billed since the isolate began; there is one isolate here. */
export interface Tally {
  workerRequests: number;
  queueDeliveries: number;
  /** Of 64 KB or less each: larger messages count as several. */
  messagesWritten: number;
  messagesRead: number;
  kvReads: number;
  kvWrites: number;
  /** Jobs whose outcome has been stored, and jobs that have been forgotten after it. */
  outcomes: number;
  forgotten: number;
  /** By the name of the binding. */
  readonly objects: Record<string, ObjectTally>;
}

const NONE: ObjectUse = { requests: 0, alarms: 0, rowsWritten: 0, rowsRead: 0, waitedMs: 0 };

export const tally: Tally = {
  workerRequests: 0,
  queueDeliveries: 0,
  messagesWritten: 0,
  messagesRead: 0,
  kvReads: 0,
  kvWrites: 0,
  outcomes: 0,
  forgotten: 0,
  objects: {},
};

/** The tally of a binding's objects, which begins when it is first asked for. */
export const openTally = (binding: string): ObjectTally =>
  (tally.objects[binding] ??= { untilOutcome: { ...NONE }, afterwards: { ...NONE } });
