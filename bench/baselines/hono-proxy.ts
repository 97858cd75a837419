import { Hono } from "hono";
import { proxy } from "hono/proxy";

interface Environment {
  /** Where requests go; the request's own path is kept. */
  readonly UPSTREAM: string;
}

const app = new Hono<{ Bindings: Environment }>();

/** The least of a gateway that one would write with Hono: the model is renamed, a key set, the rest passed on. */
app.post("/*", async (context) => {
  const body = { ...(await context.req.json<object>()), model: "gpt-4o-mini" };
  return proxy(context.env.UPSTREAM + context.req.path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer sk-bench" },
    body: JSON.stringify(body),
  });
});

export default app;
