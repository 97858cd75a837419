import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseWebhookUrl } from "../../../worker/domain/webhooks/webhook-url.ts";
import { errorOf } from "../unwrap-result.ts";

const parse = (url: string, development = false) => parseWebhookUrl(url, { development });
const takes = (url: string, development = false) => parse(url, development).ok;

describe("parseWebhookUrl", () => {
  it.each([
    "https://app.example/hooks",
    "https://app.example:8443/hooks?tenant=1#part",
    "https://1.1.1.1/",
    "https://[2606:4700:4700::1111]/",
    "https://xn--mhle-0ra.example/",
    "https://localhost.example/",
    "https://internal.example/",
    "https://notlocalhost.com/",
    "https://10.example/",
    "https://[::ffff:1.1.1.1]/",
    "https://[64:ff9b::1.1.1.1]/",
    "https://[2002:101:101::1]/",
  ])("takes %s", (url) => {
    expect(takes(url)).toBe(true);
  });

  it("gives the URL as it will be called, however its address was written", () => {
    expect(parse("https://0x01010101/a")).toEqual({ ok: true, value: "https://1.1.1.1/a" });
    expect(parse("HTTPS://App.Example:443")).toEqual({ ok: true, value: "https://app.example/" });
  });

  it.each([
    [
      "no URL",
      ["", "app.example/hooks", "//app.example", "https://", "https://a b.example/", "https://[::1"],
    ],
    [
      "what the parser would repair",
      [" https://app.example", "https://app.\nexample", "https://mühle.example"],
    ],
    [
      "other schemes",
      ["http://app.example", "ftp://app.example", "file:///etc/passwd", "data:,x", "ws://a.example"],
    ],
    [
      "credentials",
      ["https://user@app.example", "https://user:word@app.example", "https://:word@app.example"],
    ],
    [
      "names of this machine",
      ["https://localhost", "https://LOCALHOST", "https://a.localhost", "https://localhost."],
    ],
    ["names of a network", ["https://printer.local", "https://db.internal", "https://nas.home.arpa"]],
    [
      "names of an office",
      ["https://wiki.lan", "https://mail.corp", "https://tv.home", "https://localhost.localdomain"],
    ],
    ["names of a cluster", ["https://kubernetes.default.svc", "https://api.default.svc.cluster.local"]],
    [
      "where clouds keep credentials",
      ["https://168.63.129.16", "https://100.100.100.200", "https://192.0.0.192", "https://[fd00:ec2::254]"],
    ],
    ["names of one label", ["https://intranet", "https://metadata/", "https://com"]],
    ["a dot at the end", ["https://app.example.", "https://db.internal.", "https://app.example.."]],
    [
      "loopback",
      ["https://127.0.0.1", "https://127.1", "https://127.0.0.1.", "https://2130706433", "https://[::1]"],
    ],
    ["other bases", ["https://0x7f000001", "https://0177.0.0.1", "https://0x7f.1", "https://017700000001"]],
    ["other letters for digits", ["https://%31%32%37.0.0.1", "https://１２７.0.0.1"]],
    [
      "private networks",
      ["https://10.0.0.1", "https://172.31.255.255", "https://192.168.1.1", "https://[fd00::1]"],
    ],
    ["where clouds keep credentials", ["https://169.254.169.254", "https://[fe80::1]", "https://0xa9fea9fe"]],
    ["carriers' networks", ["https://100.64.0.1"]],
    ["addresses for nobody", ["https://0.0.0.0", "https://0", "https://255.255.255.255", "https://[::]"]],
    ["addresses for many", ["https://224.0.0.1", "https://[ff02::1]"]],
    [
      "reserved ones",
      ["https://192.0.2.1", "https://198.18.0.1", "https://240.0.0.1", "https://[2001:db8::1]"],
    ],
    ["mapped ones", ["https://[::ffff:127.0.0.1]", "https://[::ffff:a00:1]", "https://[::ffff:0:10.0.0.1]"]],
    ["compatible ones", ["https://[::127.0.0.1]", "https://[::10.0.0.1]", "https://[::1.1.1.1]"]],
    ["translated ones", ["https://[64:ff9b::10.0.0.1]", "https://[64:ff9b:1::1.1.1.1]"]],
    ["6to4 to a private one", ["https://[2002:a00:1::]", "https://[2002:7f00:1::1]"]],
    ["Teredo from a private one", ["https://[2001:0:4136:e378:8000:63bf:f5ff:fffe]"]],
    [
      "what IPv6 has not given out",
      ["https://[4000::1]", "https://[5f00::1]", "https://[fec0::1]", "https://[100::1]"],
    ],
  ])("refuses %s", (_, urls) => {
    expect(urls.filter((url) => takes(url))).toEqual([]);
  });

  it("refuses what is long, as it is written and as it is called", () => {
    const start = "https://app.example/";
    expect(takes(start + "a".repeat(2048 - start.length))).toBe(true);
    expect(takes(start + "a".repeat(2049 - start.length))).toBe(false);
    expect(takes(`${start}?${'"'.repeat(1000)}`)).toBe(false);
  });

  it("repeats nothing of a URL in what it says of it", () => {
    for (const url of [
      "https://user:hunter2@app.example",
      "http://hunter2.example",
      "https://hunter2.local",
    ]) {
      expect(JSON.stringify(parse(url))).not.toContain("hunter2");
    }
  });

  it.each([
    "http://app.example/hooks",
    "http://127.0.0.1:9999/hooks",
    "http://localhost:9999/",
    "http://[::1]:9999/",
    "http://192.168.1.1/",
    "https://receiver/",
    "http://host.docker.internal/",
  ])("takes %s in development", (url) => {
    expect([takes(url), takes(url, true)]).toEqual([false, true]);
  });

  it("names the setting for development where that would take the URL, and only there", () => {
    expect(errorOf(parse("http://localhost:9999/"))).toContain("webhooks: { development: true }");
    expect(errorOf(parse("ftp://localhost"))).not.toContain("development");
  });

  it.each([
    "http://metadata.google.internal/computeMetadata/v1",
    "http://[fd00:ec2::254]/latest",
    "ftp://localhost",
    "http://169.254.169.254/latest",
    "http://0.0.0.0/",
    "http://user@localhost/",
  ])("refuses %s in development too", (url) => {
    expect(takes(url, true)).toBe(false);
  });
});

type Octets = readonly [number, number, number, number];
const octet = fc.integer({ min: 0, max: 255 });
const from = (first: number, second: fc.Arbitrary<number>): fc.Arbitrary<Octets> =>
  fc.tuple(fc.constant(first), second, octet, octet);
const closed = fc.oneof(
  from(0, octet),
  from(10, octet),
  from(127, octet),
  from(100, fc.integer({ min: 64, max: 127 })),
  from(169, fc.constant(254)),
  from(172, fc.integer({ min: 16, max: 31 })),
  from(192, fc.constant(168)),
  fc.tuple(fc.integer({ min: 224, max: 255 }), octet, octet, octet),
);

const toNumber = (octets: Octets) => octets.reduce((sum, each) => sum * 256 + each, 0);
const hex = (value: number) => value.toString(16);
const groups = ([a, b, c, d]: Octets) => `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;
const inverted = (octets: Octets) => octets.map((each) => 255 - each) as unknown as Octets;
const PUBLIC: Octets = [8, 8, 4, 4];

const V4_SPELLINGS: readonly ((octets: Octets) => string)[] = [
  (octets) => octets.join("."),
  (octets) => `${octets.join(".")}.`,
  (octets) => String(toNumber(octets)),
  (octets) => `0x${hex(toNumber(octets))}`,
  (octets) => `0${toNumber(octets).toString(8)}`,
  (octets) => octets.map((each) => `0x${hex(each).padStart(3, "0")}`).join("."),
  (octets) => octets.map((each) => `0${each.toString(8)}`).join("."),
  ([a, b, c, d]) => `${a}.${(b * 256 + c) * 256 + d}`,
  ([a, b, c, d]) => `${a}.0${b.toString(8)}.0X${hex(c * 256 + d).toUpperCase()}`,
  (octets) => octets.join(".").replace(/^\d/, (digit) => `%3${digit}`),
];

const V6_SPELLINGS: readonly ((octets: Octets) => string)[] = [
  (octets) => `[::ffff:${octets.join(".")}]`,
  (octets) => `[0:0:0:0:0:FFFF:${groups(octets)}]`,
  (octets) => `[::ffff:0:${octets.join(".")}]`,
  (octets) => `[::${octets.join(".")}]`,
  (octets) => `[64:ff9b::${octets.join(".")}]`,
  (octets) => `[64:ff9b:1::${octets.join(".")}]`,
  (octets) => `[2002:${groups(octets)}::1]`,
  (octets) => `[2001:0:${groups(PUBLIC)}:8000:63bf:${groups(inverted(octets))}]`,
  (octets) => `[2001:0:${groups(octets)}:8000:63bf:${groups(inverted(PUBLIC))}]`,
];

describe("an address of IPv4 that is not public", () => {
  const spellings = [...V4_SPELLINGS, ...V6_SPELLINGS];
  it.each(spellings.map((spell) => [spell([127, 0, 0, 1]), spell]))(
    "is refused, written as %s",
    (_, spell) => {
      fc.assert(
        fc.property(closed, (octets) => !takes(`https://${spell(octets)}/hooks`)),
        { numRuns: 200 },
      );
    },
  );

  it("is the only reason that these spellings are refused, where they are not old", () => {
    const taken = spellings.map((spell) => takes(`https://${spell(PUBLIC)}/hooks`));
    const old = (spell: string) => spell.startsWith("[::8") || spell.startsWith("[64:ff9b:1:");
    expect(taken).toEqual(spellings.map((spell) => !old(spell(PUBLIC))));
  });
});

describe("any text", () => {
  it("gives a result, and never a URL that another reading would refuse", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl(),
      fc.string().map((rest) => `https://${rest}`),
    );
    fc.assert(
      fc.property(text, fc.boolean(), (url, development) => {
        const first = parse(url, development);
        return !first.ok || parse(first.value, development).ok;
      }),
      { numRuns: 2000 },
    );
  });
});
