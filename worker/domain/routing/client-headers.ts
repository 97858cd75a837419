import { ODDITIES, type Oddities } from "../../contract/config/oddities.ts";
import type { Connection } from "./adapter.ts";

export type ReadHeader = (name: string) => string | null;

/** Nobody writes longer ones for a purpose that a provider knows. */
const MAX_CHARS = 1024;

/** A list of names, which the config's and the client's may both add to. */
const isList = (name: string): boolean => name.endsWith("-beta");

/**
 * The client's headers that go up with a call: those that the provider's list names, and no others. What the
 * config sets counts before what a client sends; of betas, both are asked for. Undefined where there are none.
 */
export function passOnHeaders(
  read: ReadHeader,
  { clientHeaders = [], headers: configured }: Connection,
): Record<string, string> | undefined {
  let passedOn: Record<string, string> | undefined;
  for (const name of clientHeaders) {
    const given = read(name);
    const own = configured[name];
    if (given === null || given.length > MAX_CHARS || (own !== undefined && !isList(name))) continue;
    passedOn ??= {};
    passedOn[name] = own === undefined ? given : `${own},${given}`;
  }
  return passedOn;
}

/**
 * The headers of a request that may go up with it, to be kept with a job: those that one of the targets' lists
 * names, each no longer than is passed on. The lists name a dozen at most, and no credentials.
 */
export function keepHeaders(read: ReadHeader, targets: readonly Listing[]): Record<string, string> {
  const names = new Set(targets.flatMap(({ connection }) => connection.clientHeaders ?? []));
  const kept: Record<string, string> = {};
  for (const name of names) {
    const given = read(name);
    if (given !== null && given.length <= MAX_CHARS) kept[name] = given;
  }
  return kept;
}

type Listing = { readonly connection: Pick<Connection, "clientHeaders"> };

/**
 * Whether a request asks this target for another answer by its headers. It shares no call with requests that do
 * not, for a call has one set of headers.
 */
export const asksByHeader = (read: ReadHeader | undefined, { connection }: Listing): boolean =>
  connection.clientHeaders?.some((name) => isList(name) && read?.(name) != null) ?? false;

/** The headers by which clients ask for other answers: whoever sends them asks something else. */
const BETA_HEADERS: readonly string[] = [
  ...new Set(Object.values<Oddities>(ODDITIES).flatMap(({ clientHeaders = [] }) => clientHeaders)),
].filter(isList);

/** What a request's headers ask of the answer; undefined where they ask nothing. */
export function readBetas(read: ReadHeader): Readonly<Record<string, string>> | undefined {
  let betas: Record<string, string> | undefined;
  for (const name of BETA_HEADERS) {
    const given = read(name);
    if (given !== null) betas = { ...betas, [name]: given };
  }
  return betas;
}
