// Loaded before another's server. It names no host to listen on, and would be open to the network; and it
// would outlive a parent that is killed.
const { Server } = require("node:net");

const listen = Reflect.get(Server.prototype, "listen");
Server.prototype.listen = function listenOnLoopback(port, ...rest) {
  const callback = rest.find((argument) => typeof argument === "function");
  return listen.call(
    this,
    { port: typeof port === "object" ? port.port : port, host: "127.0.0.1" },
    callback,
  );
};
process.once("disconnect", () => process.exit(0));
