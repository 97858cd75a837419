import type { Call } from "../call.ts";
import { attachMeta, parseMeta } from "../meta.ts";
import type { WithMeta } from "../meta.ts";
import { failConnection, isEventStream, readJson } from "../response.ts";
import { send } from "../send.ts";
import { ChatStream, openStream } from "../stream.ts";
import { jobPath } from "./calls.ts";

/** What a job can give: JSON, the recorded stream of a chat, or bytes with their type, such as speech. */
export type JobOutput = WithMeta<Record<string, unknown>> | ChatStream | WithMeta<Blob>;

export function sendForOutput(call: Call, id: string): Promise<JobOutput> {
  return send<JobOutput>(call, { path: jobPath(id, "/output") }, async (answer) => {
    const { response, retries } = answer;
    if (isEventStream(response))
      return new ChatStream(call, openStream({ ...answer, response: await readWhole(response) }));
    const isJson = response.headers.get("content-type")?.includes("json");
    const output = isJson ? await readJson(response) : await response.blob().catch(failConnection);
    return attachMeta(output, parseMeta(response, retries));
  });
}

/** All of a recorded stream, so that no connection stays open where nobody reads it. */
async function readWhole(response: Response): Promise<Response> {
  const { status, headers } = response;
  return new Response(await response.arrayBuffer().catch(failConnection), { status, headers });
}
