import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { stopProcess } from "../processes/stop-process.ts";
import type { LoadOrder, LoadReport } from "./protocol.ts";

export interface Load extends AsyncDisposable {
  /** Makes one run; one at a time. Rejects where the process ends. */
  run(order: LoadOrder): Promise<LoadReport>;
}

type Reply = { readonly report: LoadReport } | { readonly error: string };

/** Starts the process that makes load. It ends with its parent, however that one ends. */
export function startLoad(): Load {
  const child = fork(fileURLToPath(new URL("./main.ts", import.meta.url)), { stdio: "inherit" });
  const gone = new AbortController();
  child.once("exit", () => gone.abort(new Error("the process that makes load has ended")));
  return {
    async run(order) {
      child.send(order);
      const [reply] = (await once(child, "message", { signal: gone.signal })) as [Reply];
      if ("error" in reply) throw new Error(reply.error);
      return reply.report;
    },
    [Symbol.asyncDispose]: () => stopProcess(child),
  };
}
