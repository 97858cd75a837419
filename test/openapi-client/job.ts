import createClient from "openapi-fetch";
import type { paths } from "./api.d.ts";

/** Submits a job by the types of the gateway's own contract, reads it back, and prints how it ended. */
const { HEADRACE_URL: baseUrl = "", HEADRACE_API_KEY: key = "" } = process.env;
const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${key}` } });

// Fields with defaults are left out: the types ask for none of them.
const created = await client.POST("/v1/jobs", {
  body: { task: "embeddings", input: { model: "words", input: "the water that drives the wheel" } },
});
if (!created.data) throw new Error(created.error.error.message);
const { id } = created.data;
const read = await client.GET("/v1/jobs/{id}", {
  params: { path: { id }, header: { prefer: "wait=20" } },
});
if (!read.data) throw new Error(read.error.error.message);
const { status, output } = read.data;

const chat = await client.POST("/v1/chat/completions", {
  body: { model: "chat", messages: [{ role: "user", content: "hello" }] },
});
// A stream would be a text, and a job has no choices.
const { data: answer } = chat;
const said =
  typeof answer === "object" && "choices" in answer ? answer.choices[0]?.message?.content : undefined;

// @ts-expect-error a job has a task
await client.POST("/v1/jobs", { body: { input: { model: "words" } } });
console.log(JSON.stringify({ status, hasOutput: output !== null, said }));
