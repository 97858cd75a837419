import type { RefusalWords } from "./refusal-words.ts";

/**
 * Whose fault a refusal is, where its status alone does not tell:
 * `length`: the conversation is too long for this model, and another may have room for it;
 * `account`: the deployment's own account with the provider, which no client caused and no repeat mends;
 * `model`: the provider has no such model; `path`: it has nothing at this address.
 */
export type RefusalCause = "length" | "account" | "model" | "path";

const LENGTH_NAMES = new Set([
  "context_length_exceeded",
  "context_window_exceeded",
  "model_context_window_exceeded",
  "exceed_context_size_error",
  "tokens_limit_reached",
]);
const LENGTH_WORDS = new RegExp(
  [
    "maximum (?:context|prompt|input|model) length",
    "context length of only|greater than the context length",
    "reduce the length of the (?:messages|prompt|input)",
    "(?:prompt|input) exceeds (?:the )?max",
    "too many tokens",
    "tokens` must be <=|must have less than \\d+ tokens",
    "context (?:length|window|limit|size)\\b.{0,40}\\bexceed",
    "exceed\\w*\\b.{0,60}\\bcontext (?:length|window|limit|size)",
    "(?:prompt|input) is too long",
    "input token count.{0,40}exceeds",
    "must be less than max_seq_len",
    "too (?:many|large).{0,30}\\bmaximum.{0,20}\\btokens",
  ].join("|"),
  "i",
);

const ACCOUNT_NAMES = new Set([
  "access_terminated",
  "account_deactivated",
  "account_suspended",
  "arrearage",
  "billing_hard_limit_reached",
  "billing_not_active",
  "billing_error",
  "blocked_api_access",
  "credit_limit_exceeded",
  "exceeded_current_quota_error",
  "insufficient_balance",
  "insufficient_credits",
  "insufficient_quota",
  "insufficient_user_quota",
  "invalid_api_key",
  "organization_restricted",
  "payment_required",
]);
const ACCOUNT_WORDS = new RegExp(
  [
    "billing (?:hard )?limit",
    "credit balance is too low",
    "insufficient (?:account )?(?:balance|credits?|funds|quota)",
    "(?:spending|spend|usage) limits? (?:has been |was )?(?:reached|exceeded)",
    "(?:used all|out of) (?:available |your )*credits",
    "account (?:is |has been |was )?(?:not active|suspended|deactivated|restricted|overdue|in arrears)",
    "(?:incorrect|invalid) api[ -]key",
    "api key not valid",
  ].join("|"),
  "i",
);

const MODEL_NAMES = new Set([
  "deploymentnotfound",
  "invalid_model",
  "model_decommissioned",
  "model_not_active",
  "model_not_found",
  "model_not_available",
]);
const MODEL_WORDS = new RegExp(
  [
    "\\b(?:model|deployment|engine):? [\"'`]?[\\w.:/@-]{1,120}[\"'`]?,? (?:was |is |has been |could )?(?:not found|not be found|not exist|does not exist|doesn't exist|decommissioned)",
    "\\bmodels/\\S+ is not found",
    "(?:no such|unknown|invalid) (?:model|deployment)\\b",
    "not a valid model\\b",
    "no endpoints found for",
    "^model: ",
  ].join("|"),
  "i",
);
/** What a 404 of the path says in the servers' own words, though a path may hold the word model. */
const PATH_WORDS =
  /^(?:not found|resource not found)\W*$|unknown (?:request )?url|invalid url|page not found|cannot (?:post|get) |no route/i;

/** Tells the cause of a refusal by the provider's names and words; undefined where the status says it all. */
export function judgeRefusal(status: number, words: RefusalWords): RefusalCause | undefined {
  const message = words.message ?? "";
  const says = (names: ReadonlySet<string>, wording: RegExp) =>
    [words.code, words.type].some((name) => name !== undefined && names.has(name.toLowerCase())) ||
    wording.test(message);
  if (status === 404) return says(MODEL_NAMES, MODEL_WORDS) && !PATH_WORDS.test(message) ? "model" : "path";
  if (status === 401 || status === 402 || status === 403) return "account";
  if (!REFUSALS.has(status)) return undefined;
  if (status !== 429 && says(LENGTH_NAMES, LENGTH_WORDS)) return "length";
  if (says(ACCOUNT_NAMES, ACCOUNT_WORDS)) return "account";
  return status === 400 && says(MODEL_NAMES, MODEL_WORDS) ? "model" : undefined;
}

/** What only servers at their limit answer: Anthropic's 529, and Groq's 498 for want of capacity. */
const OVERLOADED: ReadonlySet<number> = new Set([498, 529]);
const OVERLOAD_NAMES = new Set([
  "overloaded",
  "overloaded_error",
  "engine_overloaded",
  "engine_overloaded_error",
  "server_is_overloaded",
  "server_overloaded",
  "service_overloaded",
  "slow_down",
  "service_tier_capacity_exceeded",
  "capacity_exceeded",
]);
const OVERLOAD_WORDS =
  /\boverloaded\b|\bat capacity\b|(?:capacity|demand)\b.{0,40}\b(?:exceeded|temporar)|\b(?:high|heavy) (?:demand|load)\b|bedrock is unable to process/i;

/** Whether a provider says that it is at its limit: by a status of its own, or by words beside a general one. */
export function isOverload(status: number, { code, type, message = "" }: RefusalWords): boolean {
  if (OVERLOADED.has(status)) return true;
  if (status < 500) return false;
  return (
    [code, type].some((name) => OVERLOAD_NAMES.has(name?.toLowerCase() ?? "")) || OVERLOAD_WORDS.test(message)
  );
}

/** The statuses that providers use for faults of several kinds. */
const REFUSALS: ReadonlySet<number> = new Set([400, 409, 412, 413, 422, 424, 429, 500]);
