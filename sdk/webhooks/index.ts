export { HeadraceError, isHeadraceError } from "../errors.ts";
export { unwrap } from "./unwrap.ts";
export type { JobWebhook, UnwrapOptions, WebhookHeaders } from "./unwrap.ts";
