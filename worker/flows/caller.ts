import type { Scope } from "../contract/endpoints.ts";

/** The caller of a request. Only its key decides who that is. */
export interface Caller {
  /** Who pays, and whose cache it is. */
  readonly tenant: string;
  /** Tells one key of the tenant from another; says nothing of the key itself. */
  readonly keyId: string;
  /** What the key may be used for. */
  readonly scopes: readonly Scope[];
}
