import { err, ok, type Result } from "../result.ts";

/**
 * Reads the headers of a form that a gateway needs, and takes none that two parsers could read as two things: those
 * of providers differ in what they repeat, unescape, decode and ignore, and a gateway that replaces a value by its
 * name must know what the other side takes for that name. The message says what is wrong, for the client.
 */
type Read<T> = Result<T, { readonly message: string }>;
const refuse = (message: string): Read<never> => err({ message });

/** RFC 2046, section 5.1.1: 1-70 of these, the last no space. */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;
/**
 * One `; name=value` of RFC 9110, section 5.6.6; a value is a token or a quoted string. A quote that is escaped ends
 * the string for some parsers and not for others.
 */
const PARAMETER = /[\t ]*;[\t ]*(?:([!#$%&'*+.^`|~\w-]+)=(?:"((?:[^"\\]|\\[^"])*)"|([^\s;"]*))[\t ]*)?/y;

/** Whether a content type is that of forms, whatever stands in its parameters. */
export const isForm = (contentType: string): boolean =>
  contentType.split(";", 1)[0]?.trim().toLowerCase() === "multipart/form-data";

/** The boundary of a form's content type. */
export function readBoundary(contentType: string): Read<string> {
  const parameters = readParameters(contentType);
  const boundary = parameters?.get("boundary");
  if (!parameters || isExtended(parameters, "boundary"))
    return refuse("Content-Type: its parameters can be read in more than one way.");
  if (boundary === undefined || !BOUNDARY.test(boundary))
    return refuse("Content-Type: expected a boundary of 1 to 70 of the characters that RFC 2046 allows.");
  return ok(boundary);
}

/** The content type of a form with this boundary. */
export const writeContentType = (boundary: string): string =>
  `multipart/form-data; boundary=${/^[\w+.-]+$/.test(boundary) ? boundary : `"${boundary}"`}`;

const HEADER = /^([!#$%&'*+.^`|~\w-]+):([\t\x20-\x7e\x80-\xff]*)$/;
/** Nothing that is trimmed, unquoted, unescaped or decoded anywhere. */
const NAME = /^[\w!#$&()*+,./:<>@[\]^`{|}~-]+$/;

/**
 * Finds a part's name in its header block (lines without the last line end, as Latin-1); refuses what some would read
 * as another name, as `field`'s value, or as more than one part.
 */
export function readPartName(block: string, field: string): Read<string> {
  const headers = readHeaders(block);
  if (!headers.ok) return headers;
  const type = headers.value.get("content-type") ?? "";
  const encoding = headers.value.get("content-transfer-encoding") ?? "binary";
  if (/^(multipart|message)\//.test(typeOf(type))) return refuse("A part of the form is a form itself.");
  if (!/^(7bit|8bit|binary)$/i.test(encoding)) return refuse("A part of the form is encoded.");
  const disposition = headers.value.get("content-disposition") ?? "";
  const parameters = readParameters(disposition);
  if (!parameters || isExtended(parameters, "name"))
    return refuse("The headers of a part of the form can be read in more than one way.");
  const name = typeOf(disposition) === "form-data" ? parameters.get("name") : undefined;
  if (name === undefined) return refuse("A part of the form has no name.");
  if (isDoubtful(name, field))
    return refuse("A part of the form has a name that can be read in more than one way.");
  if (name === field && !isText(parameters, type)) return refuse(`${field}: expected a field of text.`);
  return ok(name);
}

const typeOf = (value: string) => value.split(";", 1)[0]?.trim().toLowerCase() ?? "";

/** The headers by their names in lower case, each of which stands once. */
function readHeaders(block: string): Read<ReadonlyMap<string, string>> {
  const headers = new Map<string, string>();
  for (const line of block === "" ? [] : block.split("\r\n")) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined) return refuse("The headers of a part of the form are malformed.");
    if (headers.has(name.toLowerCase())) return refuse("A part of the form has a header twice.");
    headers.set(name.toLowerCase(), value?.trim() ?? "");
  }
  return ok(headers);
}

/**
 * Whether some take a name for another: decoded, by another case, or as a list or an object of a field's values. The
 * name `_charset_` says how all values are to be decoded.
 */
const isDoubtful = (name: string, field: string): boolean =>
  !NAME.test(name) ||
  name === "_charset_" ||
  (name !== field && name.toLowerCase().split(/[[.]/, 1)[0] === field);

/** Whether all take a part for a text that they read as UTF-8: no file, and in no other charset. */
function isText(disposition: ReadonlyMap<string, string>, type: string): boolean {
  if ([...disposition.keys()].some((name) => name.startsWith("filename"))) return false;
  const charset = type === "" ? "utf-8" : (readParameters(type)?.get("charset") ?? "utf-8");
  return /^(utf-8|us-ascii)$/i.test(charset);
}

/** Whether a parameter stands there in the form of RFC 2231 too, in another charset or in parts. */
const isExtended = (parameters: ReadonlyMap<string, string>, name: string): boolean =>
  [...parameters.keys()].some((key) => key.startsWith(`${name}*`));

/**
 * Reads the parameters behind a value, `; a=b; c="d"`, names in lower case; undefined where they are malformed or
 * repeat a name.
 */
function readParameters(value: string): ReadonlyMap<string, string> | undefined {
  const text = value.slice(value.split(";", 1)[0]?.length);
  const parameters = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    PARAMETER.lastIndex = at;
    const match = PARAMETER.exec(text);
    if (!match) return text.slice(at).trim() === "" ? parameters : undefined;
    const [whole, key, quoted, token] = match;
    const name = key?.toLowerCase();
    if (name !== undefined && parameters.has(name)) return undefined;
    if (name !== undefined) parameters.set(name, quoted ?? token ?? "");
    at += whole.length;
  }
  return parameters;
}
