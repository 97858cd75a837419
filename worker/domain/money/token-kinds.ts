import type { Usage } from "../../contract/responses.ts";
import { asObject, type JsonObject } from "../requests/json-object.ts";

interface Totals {
  readonly input: number;
  readonly output: number;
}

/** Besides text. */
const MODALITIES = ["audio", "image", "video"] as const;

/**
 * The tokens of a usage that have prices of their own, by the names that the price list has for them: input
 * read from the provider's cache, written to it (for an hour, too, which costs more), and what is not text.
 * Only those that there are. No count is larger than that which it is a part of, whatever the provider says.
 */
export function kindsOf(usage: Usage, { input, output }: Totals): Readonly<Record<string, number>> {
  const asked = asObject(usage["prompt_tokens_details"]);
  const said = asObject(usage["completion_tokens_details"]);
  const read = Math.min(input, count(asked, "cached_tokens"));
  const written = Math.min(input - read, count(asked, "cache_write_tokens"));
  return leaveOutNone({
    cache_read_tokens: read,
    cache_write_tokens: written,
    cache_write_1h_tokens: Math.min(written, count(asked, "cache_write_1h_tokens")),
    ...modalitiesOf(asked, "input", input),
    ...cachedAudio(asked, { input, read }),
    ...modalitiesOf(said, "output", output),
  });
}

/** A direction's tokens by modality, as far as they have room in it. */
function modalitiesOf(details: JsonObject, direction: "input" | "output", total: number) {
  let left = total;
  const counts: Record<string, number> = {};
  for (const modality of MODALITIES) {
    const tokens = Math.min(left, count(details, `${modality}_tokens`));
    counts[`${direction}_${modality}_tokens`] = tokens;
    left -= tokens;
  }
  return counts;
}

/** Audio that was read from the cache, which is part of both: at least what has no room beside it. */
function cachedAudio(
  details: JsonObject,
  { input, read }: { readonly input: number; readonly read: number },
) {
  const audio = Math.min(input, count(details, "audio_tokens"));
  const told = count(asObject(details["cached_tokens_details"]), "audio_tokens");
  const least = Math.max(0, read + audio - input);
  const cached = Math.min(read, audio, Math.max(least, told));
  return { cache_audio_read_tokens: cached };
}

function count(details: JsonObject, name: string): number {
  const value = details[name];
  return typeof value === "number" && value > 0 ? value : 0;
}

/** Where one count is a part of two others, the list wants it said, even if it is none. */
const leaveOutNone = (counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(counts).filter(([name, tokens]) => tokens > 0 || name === "cache_audio_read_tokens"),
  );
