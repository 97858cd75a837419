/** What a base64 data URL holds. */
export interface DataUrl {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** Reads a base64 data URL, without a regular expression: what follows the comma may be megabytes. */
export function readDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  const [type = "", ...options] = url.slice(0, comma).toLowerCase().split(";");
  if (comma < 0 || !type.startsWith("data:") || options.at(-1) !== "base64") return undefined;
  return { mediaType: type.slice("data:".length), data: url.slice(comma + 1) };
}
