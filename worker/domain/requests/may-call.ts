import type { Scope } from "../../contract/endpoints.ts";

/** What any key may do. */
export const KEY_SCOPES: readonly Scope[] = ["token", "key"];
/** What the deployment's own key may do. */
export const DEPLOYMENT_SCOPES: readonly Scope[] = [...KEY_SCOPES, "admin"];

/** Whether a caller with these scopes may call an endpoint that needs this one. */
export const mayCall = (scopes: readonly Scope[], needs: Scope): boolean => scopes.includes(needs);
