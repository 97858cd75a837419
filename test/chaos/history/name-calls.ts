import type { ProviderCall, Submission, Wanted } from "./history.ts";

/** One call as the provider received it. */
export interface ReceivedCall {
  /** Its idempotency key: the job's id, or that of a call which several jobs share. */
  readonly key: string | null;
  /** What it asks, where that is a list. */
  readonly texts: readonly string[];
}

const SHARED = /^group_[0-9a-f]{64}$/;

/** Which jobs calls were for: one by its key, several that share a call by what each of them asks. */
export function nameCalls(
  calls: readonly ReceivedCall[],
  orders: readonly Pick<Wanted, "key" | "text">[],
  submissions: readonly Submission[],
): readonly ProviderCall[] {
  const jobs = new Map(submissions.flatMap(({ key, reply }) => (reply?.job ? [[key, reply.job]] : [])));
  const asked = new Map(orders.map(({ key, text }) => [text, jobs.get(key) ?? null]));
  return calls.flatMap(({ key, texts }) =>
    key !== null && SHARED.test(key)
      ? texts.map((text) => ({ job: asked.get(text) ?? null }))
      : [{ job: key }],
  );
}
