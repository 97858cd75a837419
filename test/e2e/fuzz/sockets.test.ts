import * as fc from "fast-check";
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, vi } from "vitest";
import type { JobDocument } from "../../../worker/contract/jobs/job-document.ts";
import { frames, upgradeHeaders } from "../../helpers/hostile-sockets.ts";
import { API_KEY, useDeployment } from "../deployment.ts";
import { expectNoBugs, FUZZ_TIMEOUT_MS, settings } from "./fuzzing.ts";

const app = useDeployment();
vi.setConfig({ testTimeout: FUZZ_TIMEOUT_MS });

/** What the server runtime and the gateway may say to an upgrade; 0 is a connection closed without a word. */
const STATUSES = [0, 101, 200, 400, 401, 404, 405, 426, 431];
/** How long to listen after the last frame. */
const LISTEN_MS = 5;

/** Sends an upgrade as these bytes, then frames where it was taken; gives its status. */
async function upgrade(
  path: string,
  headers: Readonly<Record<string, string>>,
  sent: readonly Buffer[],
): Promise<number> {
  const { hostname, port } = new URL(app.gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await once(socket, "connect");
  const lines = Object.entries(headers).map(
    ([name, value]) => `${name}: ${value.replaceAll("KEY", API_KEY)}`,
  );
  socket.write([`GET ${path} HTTP/1.1`, `host: ${hostname}`, ...lines, "", ""].join("\r\n"));
  const [first] = (await Promise.race([once(socket, "data"), once(socket, "close")])) as [unknown];
  const status = Buffer.isBuffer(first)
    ? Number(/^HTTP\/1\.1 (\d{3})/.exec(first.toString("latin1"))?.[1])
    : 0;
  if (status === 101) for (const bytes of sent) socket.write(bytes);
  await new Promise((resolve) => setTimeout(resolve, LISTEN_MS));
  socket.destroy();
  return status;
}

it("whatever is sent as an upgrade or a frame, the job's other watchers see it to its end", async () => {
  await app.primary.fault({ gate: true });
  const input = { model: "embed-uncached", input: `watched ${process.hrtime.bigint()}` };
  const created = (await (await app.post("/v1/jobs", { task: "embeddings", input })).json()) as JobDocument;
  const path = `/v1/jobs/${created.id}/events`;
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(upgradeHeaders, frames, async (headers, sent) => {
      const status = await upgrade(path, headers, sent);
      expect(STATUSES).toContain(status);
      seen.add(status);
    }),
    settings(100),
  );
  expect([...seen]).toEqual(expect.arrayContaining([101, 401]));
  const events = await fetch(app.gateway.url + path, { headers: { authorization: `Bearer ${API_KEY}` } });
  await app.primary.release();
  expect(await events.text()).toContain("job.succeeded");
  expectNoBugs(app);
});
