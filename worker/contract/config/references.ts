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
  .check(z.regex(/^[A-Z][A-Z0-9_]*$/, "name it in capitals, as OPENAI_API_KEY"));

export const secretReference = z.strictObject({ secret: environmentName });
export const variableReference = z.strictObject({
  variable: environmentName,
  fallback: z.optional(z.string()),
});

/** What routes and providers are called. */
export const name = z
  .string()
  .check(
    z.regex(
      /^[a-z0-9][a-z0-9._-]{0,63}$/i,
      "use 1-64 letters, digits, '.', '_' or '-', letter or digit first",
    ),
  );
