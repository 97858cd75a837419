import * as z from "zod/mini";

/** Schemes of pages that have an origin of another form than the web's: extensions, apps. */
const OTHER_ORIGIN = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/;

/** Whether a browser could send this: in lower case, without a path, without its scheme's own port. */
function isOrigin(text: string): boolean {
  if (text === "*" || OTHER_ORIGIN.test(text)) return true;
  const base = text.replace(/:\*$/, "");
  return !base.includes("*") && URL.canParse(base) && new URL(base).origin === base;
}

const origin = z
  .string()
  .check(
    z.refine(
      isOrigin,
      "write it as browsers send it: https://app.example, http://localhost:* for any port, or * for all",
    ),
  );

/** Who may call from a browser: origins, `*`, or a port left open as in `http://localhost:*`. */
export const cors = z._default(z.strictObject({ origins: z.array(origin) }), { origins: [] });
