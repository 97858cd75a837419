import type { Oddities } from "../../contract/config/oddities.ts";
import { readPurpose } from "../../domain/requests/embedding-purpose.ts";

type Body = Readonly<Record<string, unknown>>;

/** What Cohere's clients always send, and only servers like Cohere's know. */
const COHERES: ReadonlySet<unknown> = new Set([
  "search_query",
  "search_document",
  "classification",
  "clustering",
  "image",
]);

/** A request with what its texts are for in the server's own words; left out for servers that do not know of it. */
export function fitInputType<B extends Body>({ inputType }: Oddities, body: B): Omit<B, "input_type"> {
  const { input_type: said, ...rest } = body;
  if (said === undefined || inputType === null) return rest;
  if (inputType === undefined) return COHERES.has(said) ? rest : body;
  const purpose = readPurpose(said);
  const value = purpose === undefined ? said : inputType.values[purpose];
  return value === undefined ? rest : { ...rest, [inputType.field]: value };
}
