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
  JSON.stringify({
    event,
    ...fields,
    ...(fields["error"] === undefined ? {} : { error: describe(fields["error"]) }),
  });

const describe = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : error);
