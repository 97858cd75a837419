import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const TYPES: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript" };

/** A site on a port, and so an origin, of its own. */
export interface StaticServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Serves files that are handed over as text, by their paths; anything else is a 404. */
export async function startStaticServer(files: Readonly<Record<string, string>>): Promise<StaticServer> {
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const type = TYPES[extname(path)] ?? "text/plain";
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    response.writeHead(text === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8` });
    response.end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
