import ipaddr from "ipaddr.js";

/**
 * Where a URL's host is: public, on this machine or its network, or at an address that is never called
 * (link-local, where clouds serve credentials; multicast; reserved). Pure: a name is judged only as it is
 * written, for a Worker cannot see what it resolves to.
 */
export type Reach = "public" | "local" | "none";

type V4 = ipaddr.IPv4;
type V6 = ipaddr.IPv6;

/** Takes `URL.hostname`: names in lower case, IPv4 of any spelling as four decimals, IPv6 in brackets. */
export function reachOf(hostname: string): Reach {
  if (METADATA.has(hostname.replace(/^\[|\]$/g, ""))) return "none";
  if (hostname.startsWith("[")) return reachOfAddress(hostname.slice(1, -1));
  return ipaddr.IPv4.isValidFourPartDecimal(hostname) ? reachOfAddress(hostname) : reachOfName(hostname);
}

/**
 * Names that resolvers keep to a machine or a network: RFC 6761, 6762, 8375, ICANN's "internal", those that RFC
 * 6762 (appendix G) finds in use, and the services of a cluster.
 */
const LOCAL_NAME =
  /(^|\.)(localhost|localdomain|local|internal|home\.arpa|intranet|private|corp|home|lan|svc|cluster)$/;

/** Where clouds serve credentials under a name, or at an address in a range that is otherwise public or local. */
const METADATA = new Set([
  "metadata.google.internal",
  "instance-data.ec2.internal",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd20:ce::254",
]);

/**
 * Resolvers add a domain to a name of one label; a dot at the end of a name makes it another spelling of it.
 */
function reachOfName(name: string): Reach {
  if (name === "" || name.endsWith(".")) return "none";
  return LOCAL_NAME.test(name) || !name.includes(".") ? "local" : "public";
}

function reachOfAddress(text: string): Reach {
  if (!ipaddr.isValid(text)) return "none";
  const address = ipaddr.parse(text);
  return "octets" in address ? reachOfV4(address) : reachOfV6(address);
}

const LOCAL_RANGES: readonly string[] = ["loopback", "private", "uniqueLocal"];

function reachOfV4(address: V4): Reach {
  const range = address.range();
  if (range === "unicast") return "public";
  return LOCAL_RANGES.includes(range) ? "local" : "none";
}

/** An address that contains IPv4 addresses leads to those, so they are judged instead. */
function reachOfV6(address: V6): Reach {
  const inner = readInner(address);
  if (inner.length > 0) return worst(inner.map(reachOfV4));
  const range = address.range();
  if (LOCAL_RANGES.includes(range)) return "local";
  // Only 2000::/3 of IPv6 is assigned to public hosts; everything else is special, obsolete or unassigned.
  const allocated = ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
  return range === "unicast" && allocated ? "public" : "none";
}

function worst(reaches: readonly Reach[]): Reach {
  if (reaches.includes("none")) return "none";
  return reaches.includes("local") ? "local" : "public";
}

/**
 * The IPv4 addresses inside one of IPv6: mapped and translated ones (RFC 4291, 6145), NAT64 (RFC 6052),
 * 6to4 (RFC 3056), and of Teredo the server and the client, which is written inverted (RFC 4380).
 */
function readInner(address: V6): readonly V4[] {
  const bytes = address.toByteArray();
  const at = (start: number, mask = 0) =>
    new ipaddr.IPv4(bytes.slice(start, start + 4).map((byte) => byte ^ mask));
  const range: string = address.range();
  if (range === "ipv4Mapped" || range === "rfc6145") return [at(12)];
  if (range === "rfc6052") return address.parts[2] === 0 ? [at(12)] : [];
  if (range === "6to4") return [at(2)];
  return range === "teredo" ? [at(4), at(12, 0xff)] : [];
}
