/** What a client would rather have (RFC 7240), as far as the gateway knows it. */
export interface Preferences {
  /** A job rather than the answer. */
  readonly respondAsync: boolean;
  /** How long the client waits for an outcome first, in milliseconds: at most a minute. */
  readonly waitMs: number | undefined;
  /** A stream only when it is whole. */
  readonly hold: boolean;
}

const MAX_WAIT_SECONDS = 60;

/** Reads a Prefer header; what is unknown or cannot be read is ignored, as the RFC says. */
export function parsePrefer(header: string | null): Preferences {
  const preferences = (header ?? "").split(",").map(readPreference);
  // Of a preference that is given twice, the first counts.
  const wait = preferences.find(({ name }) => name === "wait")?.value ?? "";
  return {
    respondAsync: preferences.some(({ name }) => name === "respond-async"),
    waitMs: /^\d{1,9}$/.test(wait) ? Math.min(Number(wait), MAX_WAIT_SECONDS) * 1000 : undefined,
    hold: preferences.some(({ name }) => name === "hold"),
  };
}

/** A preference's parameters, after a semicolon, say nothing here. */
function readPreference(text: string): { name: string; value: string } {
  const [preference = ""] = text.split(";");
  const [name = "", ...value] = preference.split("=");
  return {
    name: name.trim().toLowerCase(),
    value: value
      .join("=")
      .trim()
      .replace(/^"(.*)"$/, "$1"),
  };
}

/** Writes `Preference-Applied`; undefined where nothing was asked for. */
export function writeApplied({ respondAsync, waitMs }: Preferences): string | undefined {
  const applied = [
    ...(respondAsync ? ["respond-async"] : []),
    ...(waitMs === undefined ? [] : [`wait=${waitMs / 1000}`]),
  ];
  return applied.length === 0 ? undefined : applied.join(", ");
}
