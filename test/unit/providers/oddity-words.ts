import { type InputTypes, ODDITIES, type Oddities } from "../../../worker/contract/config/oddities.ts";

type Row = keyof Oddities;

/** Each row of the table of oddities in the words of docs/providers.md: what is odd, and what is done. */
export const ODDITY_WORDS: { readonly [R in Row]-?: string } = {
  fields: "calls a field otherwise and is sent its own name, or refuses it, and it is left out",
  implied: "refuses a value that is its default, which is left out",
  streamOptions: "takes no `stream_options`; tells usage unasked, or not at all",
  rerank: "has a rerank of its own form, which is put into ours",
  embeddings: "has embeddings of its own form, which are put into OpenAI's",
  inputType:
    "is told in its own words what a text is embedded for (`input_type`, Jina's `task`), or refuses to be told, and it is left out",
  maxInputs: "takes so many inputs a call; more are sent in several calls, one after the other, and joined",
  developer: "is sent the role `developer` as `system`",
  blankTexts:
    "refuses texts of nothing but white space: they are left out, and so are turns of nothing else; where the user's last turn is one, `Continue.` stands in it",
  onlySystem: "refuses a conversation of system messages alone: the last of them is sent as the user's",
  firstTurn: "refuses a conversation that the assistant begins: the user says `Continue.` before it",
  trailingSpace: "refuses white space at the end of an assistant's last turn, which is cut",
  continued: "continues an assistant's last turn only where it has `prefix: true`, which is set",
  sameRole: "refuses two turns of one role after another, which are joined",
  afterTools: "refuses a user's turn right after a tool's result: the assistant says `Done.` between",
  callIds: "refuses other ids of tool calls, which are replaced alike in calls and results",
  toolMedia:
    "takes only text as a tool's result: pictures and files in it go up in a user's message behind it",
  textParts: "is sent content of several texts as one text",
  textFiles: "is sent files of text as texts, under their names",
  pdf: "takes PDFs in a form of its own",
  thinking:
    "wants what the model thought before in this field, whichever of `reasoning_content`, `reasoning` and `thinking_blocks` the client sends back",
  additions:
    "refuses what others have added to messages, parts, calls and tools (`cache_control`, `extra_content`, `reasoning_details`, `is_error`, …), which is left out",
  penalties: "refuses `presence_penalty` and `frequency_penalty`, which are left out",
  sampling: "refuses `temperature` and `top_p`, which are left out",
  parameters:
    "refuses `anyOf`, `oneOf` and `allOf` as the whole of a function's parameters, which are made one object; parameters without `properties` get them",
  keywords: "refuses keywords of JSON schemas, which are left out or replaced",
  responsesTools:
    "has a Responses API with these kinds of tools only; a request with others (Codex's `namespace` and `custom` ones, …) is translated to chat",
  clientHeaders: "is sent these headers of a client's request",
};

type Show<R extends Row> = (value: NonNullable<Oddities[R]>) => string;

const code = (value: unknown) => `\`${String(value)}\``;
const renamed = (names: Readonly<Record<string, string | null>>) =>
  Object.entries(names).map(([name, wanted]) =>
    wanted === null ? code(name) : `${code(name)}: ${code(wanted)}`,
  );
const pattern = ({ source }: RegExp) => code(source.replaceAll("|", String.raw`\|`));

/** What is told of an entry besides the provider's name; nothing where the row's words say it all. */
const VALUES: { readonly [R in Row]?: Show<R> } = {
  fields: (tasks) => Object.values(tasks).flatMap(renamed).join(", "),
  implied: (tasks) =>
    Object.values(tasks)
      .flatMap((values) => Object.entries(values).map(([name, value]) => code(`${name}: ${value}`)))
      .join(", "),
  inputType: (types: InputTypes | null) =>
    types === null ? "left out" : `${code(types.field)}: ${Object.values(types.values).map(code).join(", ")}`,
  maxInputs: (most) =>
    Object.entries(most)
      .map(([task, max]) => `${max} of ${task}`)
      .join(", "),
  callIds: pattern,
  pdf: code,
  thinking: ({ field, required }) =>
    field === null ? "left out" : code(field) + (required ? ", of which a space stands for none" : ""),
  penalties: (models) => (models.source === "^" ? "all models" : pattern(models)),
  sampling: pattern,
  keywords: (names) => renamed(names).join(", "),
  responsesTools: pattern,
  clientHeaders: (names) => names.map(code).join(", "),
};

/** The providers that have an entry in a row, with what it says. */
export function showProviders(row: Row): string {
  const told = Object.entries<Oddities>(ODDITIES).flatMap(([name, odd]) => {
    const value = odd[row];
    if (value === undefined) return [];
    const show = VALUES[row] as ((value: unknown) => string) | undefined;
    return [{ name: code(name), value: show?.(value) ?? "" }];
  });
  const values = [...new Set(told.map(({ value }) => value))];
  return values
    .map((value) => {
      const names = told.filter((each) => each.value === value).map(({ name }) => name);
      return names.join(", ") + (value === "" ? "" : ` (${value})`);
    })
    .join("; ");
}
