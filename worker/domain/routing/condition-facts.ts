import { asObject, isObject, type JsonObject } from "../requests/json-object.ts";
import { estimateInputTokens } from "../money/estimate-usage.ts";

/** No object: a client may name a field `constructor`, and the language tells types of objects by that. */
type Fields = ReadonlyMap<string, unknown>;

/** What a request is described by; `Planning` has all of it. */
interface Described {
  readonly task: string;
  readonly body?: JsonObject | undefined;
  readonly tenant: string | undefined;
  readonly priority: string;
  readonly place: () =>
    | { readonly continent?: string | undefined; readonly country?: string | undefined }
    | undefined;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly now: number;
}

/** What is known of a request, as conditions read it: each is worked out where one asks for it. */
export class ConditionFacts {
  readonly #described: Described;
  #request: Fields | undefined;
  #tokens: bigint | undefined;
  /** Finds the context window of the target whose condition is asked, in tokens. */
  readWindow: () => number | undefined = () => undefined;

  constructor(described: Described) {
    this.#described = described;
  }

  /**
   * The body as the client sent it, less what is null. How long an answer may be, and of which form, is there by
   * the names of the chat API, whichever API the client speaks.
   */
  get request(): Fields {
    return (this.#request ??= readFields(this.#described.body ?? {}));
  }

  get task(): string {
    return this.#described.task;
  }

  /** Of the input, by an estimate. */
  get tokens(): bigint {
    return (this.#tokens ??= BigInt(estimateInputTokens(this.#described.body ?? {})));
  }

  get contextWindow(): bigint | undefined {
    const tokens = this.readWindow();
    return tokens === undefined ? undefined : BigInt(tokens);
  }

  /** What the input has besides text: `image`, `audio`, `video`, `file`. */
  get media(): readonly string[] {
    return [...findMedia(this.#described.body ?? {})];
  }

  get metadata(): Fields {
    return new Map(Object.entries(this.#described.metadata ?? {}));
  }

  get priority(): string {
    return this.#described.priority;
  }

  get tenant(): string {
    return this.#described.tenant ?? "";
  }

  /** Empty where nobody knows. */
  get continent(): string {
    return this.#described.place()?.continent ?? "";
  }

  get country(): string {
    return this.#described.place()?.country ?? "";
  }

  /** Of the day in UTC, 0 to 23. */
  get hour(): bigint {
    return BigInt(new Date(this.#described.now).getUTCHours());
  }
}

function readFields(body: JsonObject): Fields {
  const fields = new Map(Object.entries(body).filter(([, value]) => value !== null));
  const maxTokens = fields.get("max_completion_tokens") ?? fields.get("max_output_tokens");
  const { format } = asObject(fields.get("text"));
  if (maxTokens !== undefined && !fields.has("max_tokens")) fields.set("max_tokens", maxTokens);
  if (format !== undefined && !fields.has("response_format")) fields.set("response_format", format);
  return fields;
}

const KINDS = ["image", "audio", "video", "file"] as const;
/** Anthropic calls files documents. */
const kindOf = (type: string) =>
  KINDS.find((kind) => type.includes(kind)) ?? (type === "document" ? "file" : undefined);

/** By the types of the parts of messages, those of tool results included. */
function findMedia(body: JsonObject): Set<string> {
  const found = new Set<string>();
  const read = (part: unknown): void => {
    if (!isObject(part)) return;
    const { type, content } = part;
    const kind = typeof type === "string" ? kindOf(type) : undefined;
    if (kind) found.add(kind);
    if (Array.isArray(content)) content.forEach(read);
  };
  for (const list of [body["messages"], body["input"]]) if (Array.isArray(list)) list.forEach(read);
  return found;
}
