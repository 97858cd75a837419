import { ODDITIES } from "../../contract/config/oddities.ts";
import type { Task } from "../../contract/requests.ts";
import type { HttpTask, ProviderAdapter } from "../../domain/routing/adapter.ts";
import { err, ok } from "../../domain/result.ts";
import { createOpenai } from "../openai/adapter.ts";
import { createFindEndpoint, type FindEndpoint } from "./find-endpoint.ts";
import { createChatReader } from "./read-chat-event.ts";

/**
 * Azure OpenAI: OpenAI's API at your own resource, where a model is the name of a deployment. Requests and
 * answers are OpenAI's; the address, the key's header and the events of the content filter are Azure's.
 * Without a version, or with `preview`, it is the v1 API (`/openai/v1`); with a date it is the API of that
 * date, from 2024-09-01-preview on, the first whose streams have usage. Dated APIs do not have responses
 * under deployments, so these are translated to chat there. Only keys are supported: Microsoft Entra's tokens
 * last an hour.
 * https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export function createAzureOpenai(apiVersion: string | undefined): ProviderAdapter {
  const dated = apiVersion !== undefined && /^\d{4}-/.test(apiVersion);
  const find = createFindEndpoint(apiVersion, dated);
  const tasks = ["chat", "completions", "embeddings"] as const;
  // Dated APIs may not know the new name of `max_tokens`.
  const { fields, ...odd } = ODDITIES["azure-openai"];
  const openai = createOpenai(dated ? { ...odd, tasks } : { ...odd, fields, tasks, responses: true });
  const rows = Object.entries(openai) as [Task, HttpTask<Task>][];
  const placed = rows.map(([task, row]) => [task, place(row, find)] as const);
  const azure: ProviderAdapter = Object.fromEntries(placed);
  if (azure.chat?.kind !== "http") return azure;
  return { ...azure, chat: { ...azure.chat, readStream: createChatReader } };
}

/** OpenAI's task at Azure's endpoint for it. */
function place<T extends Task>(task: HttpTask<T>, find: FindEndpoint): HttpTask<T> {
  return {
    ...task,
    buildRequest(input, model, connection) {
      const endpoint = find(connection, model);
      if (!endpoint) {
        const message = "model: Azure has no deployments of such names";
        return err({ kind: "invalid_input", reason: message, message });
      }
      const built = task.buildRequest(input, model, endpoint.connection);
      return built.ok ? ok({ ...built.value, url: built.value.url + endpoint.query }) : built;
    },
  };
}
