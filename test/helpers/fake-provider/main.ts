/**
 * The fake provider as a process of its own: `node main.ts --port 0`.
 *
 * Prints `{"port":12345}` when it listens, on 127.0.0.1 only. It ends on SIGTERM, on SIGINT and when
 * its stdin closes, so it never outlives whoever started it: give it a pipe for stdin, not /dev/null.
 */
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { createFakeProvider } from "./server.ts";

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const server = createFakeProvider();

const exit = (): never => process.exit(0);
process.once("SIGTERM", exit);
process.once("SIGINT", exit);
process.stdin.once("close", exit).once("end", exit).resume();

server.listen(Number(values.port), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ port }));
});
