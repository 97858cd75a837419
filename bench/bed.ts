import type { Load } from "./load/start-load.ts";
import type { Server } from "./processes/start-upstream.ts";
import type { Subject } from "./scenario.ts";

/** How long each scenario runs: how often in turn, and for about how many seconds each time. */
export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

export interface Bed {
  readonly load: Load;
  readonly upstreamUrl: string;
  readonly servers: ReadonlyMap<Subject, Server>;
  readonly say: (line: string) => void;
}
