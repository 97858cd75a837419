import { connect } from "node:net";

export interface StalledRequest {
  /** The method and the path. */
  readonly line: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What of the body is sent; the rest never comes. */
  readonly body?: string;
  /** How long the body is said to be. */
  readonly length?: number;
}

/** Sends a request up to somewhere in its body and then nothing; gives the answer once the server has closed. */
export function sendStalled(
  url: string,
  { line, headers, body = "", length = 1000 }: StalledRequest,
): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const head = Object.entries({ host, "content-length": String(length), ...headers });
  const socket = connect(Number(port), hostname);
  const { promise, resolve } = Promise.withResolvers<string>();
  let answer = "";
  socket.on("data", (part: Buffer) => (answer += part.toString()));
  socket.on("error", () => undefined);
  socket.on("close", () => resolve(answer));
  socket.write(
    `${line} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`,
  );
  return promise;
}
