/**
 * The OpenAI client with another base URL: nothing else changes.
 *
 *   HEADRACE_API_KEY=hr_… node examples/openai-client.ts
 */
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: `${process.env["HEADRACE_URL"] ?? "http://127.0.0.1:8787"}/v1`,
  apiKey: process.env["HEADRACE_API_KEY"] ?? "",
});

const request = { model: "embed", input: "The channel that brings water to the wheel." };
for (const attempt of ["first ", "second"]) {
  const { data, response } = await client.embeddings.create(request).withResponse();
  const { embedding } = data.data[0] ?? { embedding: [] };
  console.log(`${attempt}  ${embedding.length} dimensions  ${response.headers.get("cache-status")}`);
}
