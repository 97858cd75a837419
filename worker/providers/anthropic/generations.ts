/**
 * What a translation has to know of the models: newer Claudes answer 400 to what older ones required. It is
 * derived from a model's name rather than listed, so that new models work from their first day.
 */
export interface Generation {
  /** Which of `temperature` and `top_p` the model takes where it does not think; `none`: nor `top_k`. */
  readonly sampling: "all" | "one" | "none";
  /** How it is asked to think: within a budget of tokens, or as far as its effort goes. */
  readonly thinking: "budget" | "adaptive";
  /** It cannot be asked not to think. */
  readonly alwaysThinks: boolean;
  /** It knows an effort between `high` and `max`. */
  readonly extraHigh: boolean;
  /** `max_tokens` where the client sets none: Anthropic requires it, OpenAI does not. */
  readonly defaultMaxTokens: number;
}

/** What every Claude on offer takes; Opus 4.1 takes no more. A limit, which costs nothing by itself. */
const CLAUDE_MAX_TOKENS = 32_000;
/** Your own server refuses a limit that exceeds its model's context. */
const OTHER_MAX_TOKENS = 4096;

/** `claude-opus-4-1-20250805` is 4.1, `claude-sonnet-4-20250514` is 4.0. */
const NAME = /claude-([a-z]+)-(\d)(?:[-.](\d{1,2}))?(?!\d)/;
/** `claude-3-7-sonnet`, `claude-instant`: from before the family came first in the name. */
const FIRST_NAMES = /claude-(?:instant|v?[123])(?!\d)/;

/** Another maker's model behind Anthropic's API: nothing is dropped, for its server decides. */
const OTHER: Generation = {
  sampling: "all",
  thinking: "adaptive",
  alwaysThinks: false,
  extraHigh: true,
  defaultMaxTokens: OTHER_MAX_TOKENS,
};

/** From which version on a family cannot be kept from thinking: Haiku can, and newer families never could. */
const ALWAYS_THINKS_FROM: ReadonlyMap<string, number> = new Map([
  ["opus", 505],
  ["sonnet", 505],
  ["haiku", Infinity],
]);

/**
 * Reads a model's generation from its name; a Claude whose name has none counts as the newest. By
 * https://platform.claude.com/docs/en/about-claude/models/migration-guide: adaptive thinking came with
 * 4.6, sampling went with 4.7, and some can no longer be kept from thinking.
 */
export function generationOf(model: string): Generation {
  if (!model.includes("claude")) return OTHER;
  const [, family = "", major, minor = "0"] = NAME.exec(model) ?? [];
  const unnumbered = FIRST_NAMES.test(model) ? 300 : Infinity;
  const version = major === undefined ? unnumbered : Number(major) * 100 + Number(minor);
  return {
    sampling: version < 407 ? "one" : "none",
    thinking: version < 406 ? "budget" : "adaptive",
    alwaysThinks: version >= (ALWAYS_THINKS_FROM.get(family) ?? 500),
    extraHigh: version >= 407,
    defaultMaxTokens: CLAUDE_MAX_TOKENS,
  };
}
