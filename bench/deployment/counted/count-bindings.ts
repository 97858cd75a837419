import { openTally, tally } from "./tally.ts";

const UNIT_BYTES = 64 * 1024;

/** An environment whose bindings count what they are asked for, and do it. */
export function countBindings<E extends object>(env: E): E {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, count(name, value)])) as E;
}

function count(name: string, binding: unknown): unknown {
  if (typeof binding !== "object" || binding === null) return binding;
  if ("idFromName" in binding) return countNamespace(name, binding as DurableObjectNamespace);
  if ("sendBatch" in binding) return watch(binding, countMessages);
  return "getWithMetadata" in binding ? watch(binding, countKv) : binding;
}

function countNamespace(name: string, namespace: DurableObjectNamespace): DurableObjectNamespace {
  const { untilOutcome: use } = openTally(name);
  const call = () => {
    const startedAt = Date.now();
    use.requests++;
    return () => void (use.waitedMs += Date.now() - startedAt);
  };
  return new Proxy(namespace, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        return property === "get" || property === "getByName" ? watch(result as object, call) : result;
      };
    },
  });
}

function countMessages(method: string, [first]: readonly unknown[]): undefined {
  if (method === "send") tally.messagesWritten += countUnits(first);
  if (method !== "sendBatch") return;
  for (const { body } of first as Iterable<MessageSendRequest>) tally.messagesWritten += countUnits(body);
}

/** As the queue bills it; messages are JSON, and short. */
export const countUnits = (body: unknown): number =>
  Math.max(1, Math.ceil(JSON.stringify(body).length / UNIT_BYTES));

function countKv(method: string): undefined {
  if (method.startsWith("get")) tally.kvReads++;
  else tally.kvWrites++;
}

type See = (method: string, args: readonly unknown[]) => (() => void) | undefined;

/** Tells of every call of a binding's methods, and of its end where that is asked for. */
function watch<T extends object>(binding: T, see: See): T {
  return new Proxy(binding, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function" || typeof property !== "string") return value;
      return (...args: unknown[]): unknown => {
        const ended = see(property, args);
        // Not value.apply: what a stub gives is itself a stub, of which `apply` would be a method.
        const result: unknown = Reflect.apply(value, target, args);
        if (ended) Promise.resolve(result).then(ended, ended);
        return result;
      };
    },
  });
}
