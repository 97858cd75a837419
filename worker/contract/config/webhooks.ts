import * as z from "zod/mini";
import { secretReference } from "./references.ts";

const SECRETS = [{ secret: "HEADRACE_WEBHOOK_SECRET" }, { secret: "HEADRACE_WEBHOOK_SECRET_OLD" }];

const fields = z.strictObject({
  /**
   * What tenants' signing secrets are derived from, newest first. Those that are set all sign, so that a
   * secret can be changed while receivers still know the old one.
   */
  secrets: z._default(z.array(secretReference).check(z.minLength(1), z.maxLength(4)), SECRETS),
  /** Lets webhooks go to http and to this machine and its network. Never on a server that others use. */
  development: z._default(z.boolean(), false),
});

export const webhooks = z._default(fields, { secrets: SECRETS, development: false });
