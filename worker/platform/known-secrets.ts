/**
 * The secrets of the isolate's deployment, which nothing that leaves it may hold: no line of the log, and no
 * error made of a provider's words. Kept by the isolate, for the log is one for all that runs in it.
 */
const known = new Set<string>();
/** The spellings to look for, the longest first, so that no part of one is left. */
let spellings: readonly string[] = [];

/** Shorter values could stand in any text by chance. */
const MIN_CHARS = 4;

/** Has these values hidden from now on; a config that replaces another adds its own. */
export function learnSecrets(values: Iterable<string>): void {
  for (const value of values) if (value.length >= MIN_CHARS) known.add(value);
  spellings = [...new Set([...known].flatMap(spell))].toSorted((left, right) => right.length - left.length);
}

/** As it is, inside JSON, and inside a URL. */
const spell = (secret: string): readonly string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
];

/** The text without any of the deployment's secrets. */
export function hideSecrets(text: string): string {
  let rest = text;
  for (const spelling of spellings)
    if (rest.includes(spelling)) rest = rest.replaceAll(spelling, "[redacted]");
  return rest;
}
