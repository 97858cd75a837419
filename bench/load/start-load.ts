import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stopProcess } from "../processes/stop-process.ts";
import type { ArrivalsOrder, ArrivalsReport, LoadOrder, LoadReport } from "./protocol.ts";

export interface Load extends AsyncDisposable {
  /** Makes one run; one at a time. Rejects where a request fails or the process ends. */
  run(order: LoadOrder): Promise<LoadReport>;
  /** The same for requests that come at their own times. */
  arrive(order: ArrivalsOrder): Promise<ArrivalsReport>;
}

type Reply<R> = { readonly report: R } | { readonly error: string };

/** Starts the process that makes load. It ends with its parent, however that one ends. */
export function startLoad(): Load {
  const child = fork(fileURLToPath(new URL("./main.ts", import.meta.url)), { stdio: "inherit" });
  const gone = new AbortController();
  child.once("exit", () => gone.abort(new Error("the process that makes load has ended")));
  const ask = async <R>(order: LoadOrder | ArrivalsOrder): Promise<R> => {
    child.send(order);
    const [reply] = (await once(child, "message", { signal: gone.signal })) as [Reply<R>];
    if ("error" in reply) throw new Error(reply.error);
    return reply.report;
  };
  return {
    run: (order) => ask<LoadReport>(order),
    arrive: (order) => ask<ArrivalsReport>(order),
    [Symbol.asyncDispose]: () => stopProcess(child),
  };
}
