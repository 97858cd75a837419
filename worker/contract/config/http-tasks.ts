import * as z from "zod/mini";

/**
 * The config of a model server of your own: for each task its path, the fields of the request, and where in the
 * answer the outputs are.
 */
const path = z
  .string()
  .check(z.regex(/^\/[\x21-\x7e]{0,200}$/, "begin with '/': it stands behind the base URL"));
const field = z.string().check(z.regex(/^[\w-]{1,64}$/, "name one field of the request, as inputs"));
const place = z
  .string()
  .check(
    z.regex(
      /^(\.|[\w-]{1,64}(\.[\w-]{1,64}){0,7})$/,
      "name a field of the answer, as data.outputs, or '.' for the whole",
    ),
  );

const every = {
  path,
  /** Fields that are sent with every request, as they stand here. */
  extra: z.optional(z.record(field, z.unknown())),
  /** The field for the target's model; where it is absent, the model is not sent. */
  model: z.optional(field),
};

export const httpTasks = z
  .strictObject({
    /** Sends a list of texts; each output is a vector, or an object with one under `vector`. */
    embeddings: z.optional(
      z.strictObject({
        ...every,
        inputs: z._default(field, "inputs"),
        outputs: z._default(place, "embeddings"),
        vector: z._default(place, "embedding"),
      }),
    ),
    /** Sends a list of texts; each output is an object with a label and its score, or a list of those. */
    classify: z.optional(
      z.strictObject({
        ...every,
        inputs: z._default(field, "inputs"),
        outputs: z._default(place, "results"),
        label: z._default(place, "label"),
        score: z._default(place, "score"),
      }),
    ),
    /** Sends a query and a list of texts; the outputs are scores in their order, or objects with an index. */
    rerank: z.optional(
      z.strictObject({
        ...every,
        query: z._default(field, "query"),
        inputs: z._default(field, "inputs"),
        outputs: z._default(place, "results"),
        index: z._default(place, "index"),
        score: z._default(place, "score"),
      }),
    ),
    /** Sends one text, the whole conversation; the output is the reply's text. Whole answers only. */
    chat: z.optional(
      z.strictObject({
        ...every,
        prompt: z._default(field, "prompt"),
        output: z._default(place, "text"),
      }),
    ),
  })
  .check(z.refine((tasks) => Object.keys(tasks).length > 0, "say at least one task"));

export type HttpTasks = z.output<typeof httpTasks>;
