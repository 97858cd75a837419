import { err, ok, type Result } from "../result.ts";
import { reachOf } from "./webhook-reach.ts";

const MAX_URL_LENGTH = 2048;

/**
 * Checks the URL of a webhook, and gives it as it will be called; the error says what is allowed, and repeats
 * nothing of the URL. In development http, this machine and its network are allowed too.
 */
export function parseWebhookUrl(
  text: string,
  { development }: { readonly development: boolean },
): Result<string, string> {
  // The parser silently drops line breaks and spaces: a URL with them is refused.
  if (/[^\x21-\x7e]/.test(text) || !URL.canParse(text)) {
    return err("expected a URL in ASCII, as https://app.example/hooks");
  }
  const url = new URL(text);
  const fault = findFault(url, development);
  if (fault === undefined) return ok(url.href);
  const allowed = !development && findFault(url, true) === undefined;
  return err(allowed ? `${fault}; ${IN_DEVELOPMENT}` : fault);
}

const IN_DEVELOPMENT = "`webhooks: { development: true }` in the config allows http and local hosts";

function findFault(url: URL, development: boolean): string | undefined {
  const { protocol, hostname, username, password, href } = url;
  const insecure = development && protocol === "http:";
  if (protocol !== "https:" && !insecure) return "expected https";
  if (username !== "" || password !== "") return "leave user name and password out";
  if (href.length > MAX_URL_LENGTH) return `use at most ${MAX_URL_LENGTH} characters`;
  const reach = reachOf(hostname);
  const reachable = reach === "public" || (development && reach === "local");
  return reachable ? undefined : "expected a host that is public";
}
