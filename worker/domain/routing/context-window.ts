import { routeTaskOf } from "../../contract/requests.ts";
import { isLongerThan } from "../money/estimate-usage.ts";
import { loadPrices } from "../money/load-prices.cjs";
import type { Target } from "./catalog.ts";
import type { Planning } from "./planning.ts";

/**
 * A text is longer than a window only where it would not fit at so many characters a token; English has four to
 * five, and everything else has fewer. Gateways that count three or four take requests away from models that
 * would have answered them.
 */
const CHARACTERS_PER_TOKEN = 5;
/** No model of the price list that answers chats has a smaller one. */
const LEAST_LISTED_TOKENS = 4095;

/** How many tokens a target's model takes: by the config, else by the public price list, where that knows it. */
export function findContextWindow({
  contextWindow,
  runsIn,
  model,
  connection,
}: Pick<Target, "contextWindow" | "runsIn" | "model" | "connection">): number | undefined {
  if (contextWindow !== undefined || runsIn === "worker") return contextWindow;
  return loadPrices().calcPrice({}, model, { providerApiUrl: connection.baseUrl })?.model.context_window;
}

/**
 * Finds the targets whose windows are clearly too small for a request, with the windows; none where that is so of
 * all of them, for then a provider had better say so itself. Of tasks whose input is one text; others have a
 * window for each of their items.
 */
export function findTooSmall(
  targets: readonly Target[],
  { task, body }: Pick<Planning, "task" | "body">,
): ReadonlyMap<Target, number> {
  if (targets.length < 2 || !body || !isOneText(task)) return NONE;
  const least = Math.min(
    LEAST_LISTED_TOKENS,
    ...targets.map(({ contextWindow }) => contextWindow ?? Infinity),
  );
  if (!isTooLong(body, least)) return NONE;
  const tooSmall = new Map<Target, number>();
  for (const target of targets) {
    const tokens = findContextWindow(target);
    if (tokens !== undefined && isTooLong(body, tokens)) tooSmall.set(target, tokens);
  }
  return tooSmall.size === targets.length ? NONE : tooSmall;
}

const NONE: ReadonlyMap<Target, number> = new Map();

const isOneText = (task: Planning["task"]): boolean =>
  task === "completions" || (task !== "transcriptions" && routeTaskOf(task) === "chat");

const isTooLong = (body: NonNullable<Planning["body"]>, tokens: number): boolean =>
  isLongerThan(body, tokens * CHARACTERS_PER_TOKEN);
