import type { GatewayError } from "../../contract/errors.ts";
import { asObject } from "../requests/json-object.ts";

/** Pure rules of how long a stream may take to say the first of its answer while other targets are left. */

/** Why a call was given up whose first token was late. */
export const FIRST_TOKEN = "first_token";

export const isLate = ({ reason }: GatewayError): boolean => reason === FIRST_TOKEN;

const DEFAULT_MS = 10_000;
/**
 * What reading the prompt may take on top: 240 s for a million tokens, of four characters each, as a gateway
 * has it whose operators measured it (https://github.com/experientiallabs/experiential/pull/1054).
 */
const MS_PER_CHARACTER = 0.06;

interface Limits {
  readonly firstTokenMs?: number | undefined;
  readonly timeoutMs: number;
}

interface Prompted {
  /** The target's, not the route's. */
  readonly model: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Of the request's body. */
  readonly characters: number;
}

/**
 * How long to wait for the first token of a stream, in milliseconds: what the route says; else 10 s and the time
 * that a long prompt takes. A model that thinks first, which many providers keep to themselves for a minute and
 * more, has all of `timeoutMs`, for its silence looks like that of one that hangs.
 * Undefined where it is all of `timeoutMs`.
 */
export function findFirstTokenMs(
  { firstTokenMs, timeoutMs }: Limits,
  prompted: Prompted,
): number | undefined {
  const limit = firstTokenMs ?? (thinksFirst(prompted) ? timeoutMs : findDefault(prompted));
  return limit < timeoutMs ? limit : undefined;
}

const findDefault = ({ characters }: Prompted) => DEFAULT_MS + characters * MS_PER_CHARACTER;

/** Models that think unless they are told not to, and of whose thinking their providers show nothing or only a part. */
const THINKS =
  /(?:^|[/.])(?:o[1-9]|gpt-(?:[5-9]|oss)|gemini-(?:2\.5|[3-9])|grok-[4-9])|reasoner|thinking|qwq/i;

const thinksFirst = ({ model, body }: Prompted): boolean => asksToThink(body) ?? THINKS.test(model);

/** Whether a request says that the model is to think, or not, by any of the fields that providers have for it. */
function asksToThink(body: Prompted["body"]): boolean | undefined {
  const { effort: nested, enabled } = asObject(body["reasoning"]);
  const effort = body["reasoning_effort"] ?? nested;
  if (typeof effort === "string") return effort !== "none" && effort !== "minimal";
  const { type } = asObject(body["thinking"]);
  if (typeof type === "string") return type !== "disabled";
  const isOn = enabled ?? body["enable_thinking"];
  return typeof isOn === "boolean" ? isOn : undefined;
}
