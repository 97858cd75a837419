/** A session with V8's inspector, as far as a CPU profile needs one (Chrome DevTools Protocol). */
export interface Inspector extends AsyncDisposable {
  send(method: string, params?: object): Promise<unknown>;
}

interface Listed {
  readonly id: string;
  readonly webSocketDebuggerUrl: string;
}

interface Reply {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Opens the inspector of a Worker by its name; `url` is where the runtime lists what can be inspected. */
export async function openInspector(url: string, worker: string): Promise<Inspector> {
  const list = (await (await fetch(new URL("/json/list", url.replace(/^ws/, "http")))).json()) as Listed[];
  const found = list.find(({ id }) => id.split(":").at(-1) === worker);
  if (!found) throw new Error(`${worker} is not among what ${url} lists`);
  const socket = new WebSocket(found.webSocketDebuggerUrl);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  socket.addEventListener("message", ({ data }) => {
    const { id, result, error } = JSON.parse(String(data)) as Reply;
    const call = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  });
  socket.addEventListener("close", () => {
    for (const call of waiting.values()) call.reject(new Error(`the inspector of ${worker} has closed`));
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`the inspector of ${worker} does not open`)));
  });
  return {
    send(method, params = {}) {
      const call = Promise.withResolvers<unknown>();
      waiting.set(++last, call);
      socket.send(JSON.stringify({ id: last, method, params }));
      return call.promise;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(socket.close()),
  };
}
