import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";

/** A POST whose client can leave at a moment of the test's choice. */
export interface OpenRequest {
  /** Resolves with the headers; rejects where the connection ends before them. */
  readonly response: Promise<IncomingMessage>;
  /** Waits until the body received so far holds a text; rejects where it ends without. */
  waitForText(part: string): Promise<string>;
  /** Resets the connection: workerd sees that at once, while it sees a FIN at its next write only. */
  leave(): void;
  /** Closes the connection, as most programs do that end or give up. */
  close(): void;
}

/**
 * Sends JSON on a connection of its own. Don't iterate over the response and break: that closes the
 * connection with a FIN, and nothing is left to reset.
 */
export function openRequest(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): OpenRequest {
  const options = {
    method: "POST",
    agent: false,
    headers: { "content-type": "application/json", ...headers },
  };
  const outgoing = request(url, options);
  outgoing.on("error", () => {});
  const collected = once(outgoing, "response").then(([incoming]) => collect(incoming as IncomingMessage));
  const response = collected.then(({ incoming }) => incoming);
  response.catch(() => {});
  outgoing.end(JSON.stringify(body));
  return {
    response,
    waitForText: async (part) => (await collected).waitForText(part),
    leave: () => void outgoing.socket?.resetAndDestroy(),
    close: () => void outgoing.socket?.destroy(),
  };
}

interface Collected {
  readonly incoming: IncomingMessage;
  waitForText(part: string): Promise<string>;
}

function collect(incoming: IncomingMessage): Collected {
  let text = "";
  let change = Promise.withResolvers<void>();
  const announce = (): void => {
    change.resolve();
    change = Promise.withResolvers();
  };
  incoming.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    announce();
  });
  incoming.on("error", () => {}).once("close", announce);
  const waitForText = async (part: string): Promise<string> => {
    while (!text.includes(part)) {
      if (incoming.closed) throw new Error(`The body ended without "${part}": ${text}`);
      await change.promise;
    }
    return text;
  };
  return { incoming, waitForText };
}
