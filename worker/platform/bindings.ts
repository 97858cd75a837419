/** What a binding is bound to, and its name in wrangler.toml. */
export type Binding =
  | { readonly kind: "kv" }
  | { readonly kind: "object"; readonly className: string }
  | { readonly kind: "queue"; readonly queue: string };

/** Every binding that a deployment must have, by its name in the environment and in wrangler.toml. */
export const BINDINGS = {
  KV: { kind: "kv" },
  JOBS: { kind: "object", className: "JobObject" },
  JOB_DIRECTORIES: { kind: "object", className: "JobDirectoryObject" },
  REQUEST_WINDOWS: { kind: "object", className: "RequestWindowObject" },
  JOB_WINDOWS: { kind: "object", className: "JobWindowObject" },
  PROVIDER_HEALTH: { kind: "object", className: "ProviderHealthObject" },
  JOB_QUEUE: { kind: "queue", queue: "headrace-jobs" },
  JOB_WEBHOOK_QUEUE: { kind: "queue", queue: "headrace-webhooks" },
} as const satisfies Readonly<Record<string, Binding>>;

type Bindings = typeof BINDINGS;
/** The classes that a deployment's entry must export. */
export type ObjectClassName = Extract<Bindings[keyof Bindings], { kind: "object" }>["className"];

/** A method that tells whether the right thing is bound. */
const METHODS = { kv: "get", object: "get", queue: "send" } as const satisfies Record<
  Binding["kind"],
  string
>;

/** Whether a value of the environment is what the binding asks for. */
export function isBound(binding: Binding, value: unknown): boolean {
  const bound = value as Readonly<Record<string, unknown>> | undefined;
  return typeof bound?.[METHODS[binding.kind]] === "function";
}

/** What to bind, in a few words. */
export function describeBinding(binding: Binding): string {
  if (binding.kind === "kv") return "a KV namespace";
  return binding.kind === "object" ? `the class ${binding.className}` : `the queue ${binding.queue}`;
}
