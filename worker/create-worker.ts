import type { Task } from "./contract/requests.ts";
import type { Deployment } from "./deployment.ts";
import { allowOrigin } from "./http/cors.ts";
import { openContext, type RequestContext } from "./http/request-context.ts";
import { respondBug } from "./http/respond-bug.ts";
import { respondError, sendReply } from "./http/respond.ts";
import { createRouter } from "./http/router.ts";
import { taskOfForm } from "./http/task-of-form.ts";
import { tellRefusal } from "./http/tell-refusal.ts";
import { probeProviders } from "./flows/health/probe-providers.ts";
import type { Environment } from "./platform/environment.ts";
import { createRequestIds } from "./platform/request-ids.ts";
import { consoleLog } from "./platform/log.ts";
import { consumeDeadJobs } from "./queue/consume-dead-jobs.ts";
import { consumeJobs } from "./queue/consume-jobs.ts";
import { consumeWebhooks } from "./queue/consume-webhooks.ts";
import type { Reply } from "./http/reply.ts";

/**
 * The Worker of a deployment: opens a request's context, routes it by the release in force, and puts on the
 * response what every response carries. What a handler throws is a bug: it is logged, and the client learns
 * its request id.
 */
export function createWorker(deployment: Deployment): ExportedHandler<Environment> {
  const router = createRouter();
  const nextId = createRequestIds();
  return {
    async fetch(request, env, execution) {
      const life = new Life(execution);
      const context = openContext(request, {
        nextId,
        now: Date.now,
        defer: (work) => execution.waitUntil(work),
        outlive: () => life.outlive(),
      });
      const task = taskOfForm(request);
      const ready = deployment.current ?? (await deployment.open(env));
      if (!ready.ok) return refuse(ready.error, context, task);
      const gateway = ready.value;
      gateway.services.sharing.locate(request);
      const answer: Promise<Reply> = router
        .fetch(request, context, gateway)
        .catch((error: unknown) => respondBug(error, context, task, consoleLog));
      const reply = await answer;
      life.end();
      tellRefusal(gateway.services, context);
      allowOrigin(request, reply, gateway.release.config.cors.origins);
      return sendReply(reply, context, gateway.release.version);
    },

    async scheduled(_controller, env) {
      const ready = await deployment.open(env);
      if (!ready.ok) return consoleLog.warn("not_configured", { problem: ready.error });
      await probeProviders(ready.value.services, ready.value.release.catalog);
    },

    /** A queue's name tells what it holds: "-dead" messages that another queue gave up, "-webhooks" notices. */
    async queue(batch, env, execution) {
      const ready = await deployment.open(env);
      if (!ready.ok) {
        consoleLog.warn("not_configured", { problem: ready.error });
        return batch.retryAll();
      }
      const { services, webhooks, release } = ready.value;
      if (batch.queue.endsWith("-dead")) return consumeDeadJobs(services, batch.messages);
      const defer = (work: Promise<unknown>) => execution.waitUntil(work);
      if (batch.queue.endsWith("-webhooks"))
        return consumeWebhooks({ ...services, webhooks }, batch.messages, defer);
      return consumeJobs(services, batch.messages, { release, defer });
    },
  };
}

/** How long the platform goes on with a request whose client has left: by itself not at all. */
class Life {
  readonly #execution: ExecutionContext;
  #end: (() => void) | undefined;

  constructor(execution: ExecutionContext) {
    this.#execution = execution;
  }

  outlive(): void {
    if (this.#end) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#end = resolve;
    this.#execution.waitUntil(promise);
  }

  end(): void {
    this.#end?.();
  }
}

/** A deployment that is set up wrongly says so on every path, in one line. */
function refuse(problem: string, context: RequestContext, task: Task | undefined): Response {
  consoleLog.warn("not_configured", { problem });
  const error = { code: "not_configured", message: problem } as const;
  return sendReply(respondError(error, context, {}, task), context, "none");
}
