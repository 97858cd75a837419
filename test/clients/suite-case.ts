import type * as Sdk from "../../sdk/index.ts";
import type { FaultRule } from "../helpers/fake-provider/protocol.ts";
import type { Feature } from "../helpers/compatibility/marks.ts";
import type { PublishedSdk } from "./sdk-modules.ts";

/** What a run is told; it is JSON, so that it can be handed into a page or a Worker. */
export interface SuiteTarget {
  readonly baseURL: string;
  readonly apiKey: string;
  /** In every input, so that runs of the suite share no cached answer. */
  readonly run: string;
}

export interface SuiteContext extends SuiteTarget, PublishedSdk {}

export interface SuiteCase {
  /** For docs/compatibility.md. */
  readonly shows?: Feature | readonly Feature[];
  /** What the primary provider does wrong during the case. */
  readonly faults?: readonly FaultRule[];
  /** How many of its calls must end because the client left. */
  readonly aborts?: number;
  readonly run: (context: SuiteContext) => Promise<void>;
}

export const says = (content: string) => [{ role: "user", content }];

/** A client that repeats nothing unless told. */
export function connect(context: SuiteContext, options: object = {}): Sdk.Headrace {
  const { sdk, baseURL, apiKey } = context;
  return new sdk.Headrace({ baseURL, apiKey, maxRetries: 0, ...options });
}

/** The error of a call that must fail, if it is one of ours. */
export async function failureOf({ sdk }: SuiteContext, call: Promise<unknown>): Promise<Sdk.HeadraceError> {
  const error: unknown = await call.then(
    () => new Error("The call was expected to fail."),
    (reason: unknown) => reason,
  );
  if (error instanceof sdk.HeadraceError && sdk.isHeadraceError(error)) return error;
  throw error;
}
