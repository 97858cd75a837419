/** Reads the two headers of a form that a gateway needs: the boundary, and the name of a part. */

/** RFC 2046, section 5.1.1: 1-70 of these, the last no space. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;
/** One `; name=value` of RFC 9110, section 5.6.6; a value is a token or a quoted string. */
const PARAMETER = /[\t ]*;[\t ]*(?:([!#$%&'*+.^`|~\w-]+)=(?:"((?:[^"\\]|\\[^])*)"|([^\s;"]*))[\t ]*)?/y;

/** The boundary of a `multipart/form-data` content type; undefined where it is another type, or has none. */
export function readBoundary(contentType: string): string | undefined {
  const [type = ""] = contentType.split(";", 1);
  if (type.trim().toLowerCase() !== "multipart/form-data") return undefined;
  const boundary = readParameters(contentType.slice(type.length))?.get("boundary");
  return boundary !== undefined && BOUNDARY.test(boundary) ? boundary : undefined;
}

/** A part's name by its header block. */
export type PartName = { readonly name: string | undefined } | "ambiguous";

/**
 * Finds a part's name in its header block (lines without the last line end, as Latin-1). Ambiguous: two
 * parsers could read two names, because of folded or bare-LF lines, a repeated field or parameter, or an
 * extended `name*`. A gateway that replaces values by name must not pass such a part on.
 */
export function readPartName(block: string): PartName {
  const lines = block.split("\r\n");
  if (lines.some((line) => /^[\t ]|[\r\n\0]/.test(line))) return "ambiguous";
  const found = lines.filter((line) => /^content-disposition[\t ]*:/i.test(line));
  const [line] = found;
  if (line === undefined) return { name: undefined };
  const value = line.slice(line.indexOf(":") + 1);
  const [type = ""] = value.split(";", 1);
  const parameters = readParameters(value.slice(type.length));
  if (found.length > 1 || !parameters) return "ambiguous";
  if ([...parameters.keys()].some((key) => key.startsWith("name*"))) return "ambiguous";
  return { name: parameters.get("name") };
}

/** Reads `; a=b; c="d"` to its end, names in lower case; undefined where it is malformed or repeats a name. */
function readParameters(text: string): ReadonlyMap<string, string> | undefined {
  const parameters = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (!match) return text.slice(at).trim() === "" ? parameters : undefined;
    const [whole, key, quoted, token] = match;
    const name = key?.toLowerCase();
    if (name !== undefined && parameters.has(name)) return undefined;
    if (name !== undefined) parameters.set(name, quoted?.replaceAll(/\\([^])/g, "$1") ?? token ?? "");
    at += whole.length;
  }
  return parameters;
}
