import { expect, it } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { openRequest } from "../../helpers/open-request.ts";
import { API_KEY, useDeployment } from "../deployment.ts";

const app = useDeployment();

it("a job outlives the client that left it: the queue takes it over when the grace has passed", async () => {
  await app.primary.fault({ kind: "hang" }, { times: 1 });
  const key = { "idempotency-key": "left alone" };
  const body = { model: "embed-uncached", input: "a mill" };
  const left = openRequest(`${app.gateway.url}/v1/embeddings`, body, {
    authorization: `Bearer ${API_KEY}`,
    ...key,
  });
  await app.primary.waitForRequests(1);
  left.leave();
  await app.primary.waitForRequests(2, { timeoutMs: 50_000 });
  const again = await app.embed(body, key);
  expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  const seen = await fetch(app.gateway.url + (again.headers.get("location") ?? ""), {
    headers: { authorization: `Bearer ${API_KEY}` },
  });
  const job = (await seen.json()) as JobDocument;
  expect(job.attempts.map(({ status, error }) => [status, error])).toEqual([
    [null, "client_closed"],
    [200, null],
  ]);
  const keys = (await app.primary.requests()).map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toEqual([job.id, job.id]);
});
