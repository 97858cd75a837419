/**
 * An answer before it becomes a Response. Its headers are a plain object, to which each step adds what it
 * knows, and which the platform reads once: every call of a Response's own headers costs more than that.
 */
export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array | string | ReadableStream<Uint8Array> | null;
  /** With status 101. */
  readonly webSocket?: WebSocket;
}
