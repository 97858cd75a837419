import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { CommandFailure } from "./command-failure.ts";

export const HOST = "127.0.0.1";

/** A free port of this machine. */
export const findFreePort = (): Promise<number> => tryPort(0);

/** Throws a CommandFailure where the port is in use, or may not be used. */
export async function requireFreePort(port: number): Promise<number> {
  try {
    return await tryPort(port);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EADDRINUSE" ? "is in use: stop what runs there" : `cannot be used (${code})`;
    throw new CommandFailure(`Port ${port} ${why}, or choose another with PORT=<number>.`, { cause: error });
  }
}

async function tryPort(port: number): Promise<number> {
  const server = createServer().listen(port, HOST);
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return taken;
}
