import * as z from "zod/mini";

/** Names a secret of the deployment (`wrangler secret put`); the value is never in the config. */
export interface SecretReference {
  readonly secret: string;
}

/** Names a variable of the deployment, with the value to use where it is not set. */
export interface VariableReference {
  readonly variable: string;
  readonly fallback?: string | undefined;
}

/** Refers to a secret by its name. A provider whose secret is unset is listed as unavailable. */
export const secret = (name: string): SecretReference => ({ secret: name });

/** Refers to a variable by its name, with a default. */
export const variable = (name: string, fallback?: string): VariableReference => ({
  variable: name,
  fallback,
});

const environmentName = z
  .string()
  .check(z.regex(/^[A-Z][A-Z0-9_]*$/, "name it in capitals, as OPENAI_API_KEY; its value never stands here"));

/** Says what to write where a value stands in place of a reference; never what stands there. */
const instead =
  (words: string): z.core.$ZodErrorMap =>
  ({ code, expected }) =>
    code === "invalid_type" && expected === "object" ? words : undefined;

export const secretReference = z.strictObject(
  { secret: environmentName },
  {
    error: instead(
      'expected secret("NAME"), as secret("OPENAI_API_KEY"): the key itself goes into .dev.vars, or to ' +
        "`wrangler secret put NAME`",
    ),
  },
);

/** Whether a text is where a provider can be reached: an absolute URL without a query. */
export const isBaseUrl = (text: string): boolean =>
  /^https?:\/\/[^\s/?#]+[^\s?#]*$/i.test(text) && URL.canParse(text);

export const baseUrlReference = z.strictObject(
  {
    variable: environmentName,
    fallback: z.optional(
      z.string().check(z.refine(isBaseUrl, "expected a URL with its scheme, as https://api.openai.com/v1")),
    ),
  },
  {
    error: instead(
      'expected variable("NAME", "https://…"), as variable("OPENAI_BASE_URL", "https://api.openai.com/v1")',
    ),
  },
);

/** What routes and providers are called. */
export const name = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9._-]{0,63}$/i,
      "use 1-64 letters, digits, '.', '_' or '-', letter or digit first",
    ),
  );

/** Another name for a route: any that clients send as `model`. */
export const alias = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9._:/@-]{0,199}$/i,
      "use 1-200 letters, digits or '.', '_', ':', '/', '@', '-', letter or digit first",
    ),
  );
