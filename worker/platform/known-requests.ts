import type { Task } from "../contract/requests.ts";
import { ByteBoundedMap } from "./byte-bounded-map.ts";

/** What reading, checking and hashing a request's text has given: the same text gives the same again. */
export interface KnownRequest<Body> {
  readonly body: Body;
  /** Its cache key under its plan's first target, whose label is with it. */
  readonly key: { readonly key: string; readonly target: string };
}

/** Who asks for what, by which config: a release may read the same text otherwise. */
export interface AskedText {
  readonly release: string;
  readonly tenant: string;
  readonly task: Task;
  readonly text: string;
}

/** Of texts and what was read from them, which takes about twice as much. */
const MAX_BYTES = 4 * 1024 * 1024;
const READ_FACTOR = 4;

/** The requests whose answers stood in the isolate's memory when they were last asked. */
export class KnownRequests<Body> {
  readonly #known = new ByteBoundedMap<KnownRequest<Body>>(MAX_BYTES);

  find(asked: AskedText): KnownRequest<Body> | undefined {
    return this.#known.sizeBytes === 0 ? undefined : this.#known.get(nameOf(asked));
  }

  remember(asked: AskedText, known: KnownRequest<Body>): void {
    this.#known.set(nameOf(asked), known, asked.text.length * READ_FACTOR);
  }
}

/** Neither a release nor a tenant nor a task has a space in its name, so no two of them give one name. */
const nameOf = ({ release, tenant, task, text }: AskedText): string => `${release} ${tenant} ${task} ${text}`;
