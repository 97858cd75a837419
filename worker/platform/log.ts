import { hideSecrets } from "./known-secrets.ts";

/** Structured lines for the platform's log. Fields are data of ours: never a key, a body or a header. */
export interface Log {
  warn(event: string, fields: Record<string, unknown>): void;
  info(event: string, fields: Record<string, unknown>): void;
}

/** One JSON object a line; of an error only its name and message. */
export const consoleLog: Log = {
  warn: (event, fields) => console.warn(write(event, fields)),
  info: (event, fields) => console.log(write(event, fields)),
};

const write = (event: string, fields: Record<string, unknown>) =>
  hideSecrets(
    JSON.stringify({
      event,
      ...fields,
      ...(fields["error"] === undefined ? {} : { error: describe(fields["error"]) }),
    }),
  );

const MAX_ERROR_CHARS = 300;

/** Engines quote what they could not parse in a SyntaxError's message, and that may be a prompt. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof SyntaxError) return error.name;
  return `${error.name}: ${error.message}`.slice(0, MAX_ERROR_CHARS);
}
