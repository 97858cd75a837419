/** Bodies as nobody should send them: arbitraries over what may arrive at an endpoint that takes JSON. */
import * as fc from "fast-check";

/** A request's body as it crosses the wire. */
export type WireBody = string | Uint8Array<ArrayBuffer>;

/** Names that have meant something to the engine rather than to the program. */
const odd = fc.constantFrom("constructor", "prototype", "toString", "hasOwnProperty", "", "then", "a.b[0]");

/** A value of whatever type where another was expected. */
export const wrong: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(null, true, 0, -1, 1.5, -0, 1e21, "", [], {}, [[]], [null]) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
  { weight: 1, arbitrary: fc.constantFrom(10_000, 70_000).map((length) => "x".repeat(length)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.dictionary(odd, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }) },
);

/** A field that is mostly right. */
export const mostly = <T>(right: fc.Arbitrary<T>, rightness = 40): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: rightness, arbitrary: right }, { weight: 1, arbitrary: wrong });

/** An object of the given fields, mostly; now and then with one too few, one too many, or not an object. */
export function nearly(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const whole = fc.record(fields);
  const dropped = fc
    .tuple(whole, fc.constantFrom(...Object.keys(fields)))
    .map(([value, name]) => Object.fromEntries(Object.entries(value).filter(([key]) => key !== name)));
  const added = fc.tuple(whole, odd, wrong).map(([value, name, extra]) => ({ ...value, [name]: extra }));
  return fc.oneof(
    { weight: 40, arbitrary: whole },
    { weight: 1, arbitrary: dropped },
    { weight: 1, arbitrary: added },
    { weight: 1, arbitrary: wrong },
  );
}

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
/** What is put in behind an opening brace: members that a JSON text may have and a value cannot. */
const members = fc.constantFrom(
  '"__proto__":{"polluted":true},',
  '"__proto__":null,',
  '"\\u005f_proto__":1,',
  '"constructor":{"prototype":{"polluted":true}},',
  '"x":1,"x":2,',
  '"model":"chat",',
  '"task":"chat",',
  '"input":{},',
  '"n":1e999,',
  '"n":-1e-999,',
  '"n":9007199254740993,',
  '"n":-9007199254740993,',
  '"n":-0,',
  '"s":"\\ud83d",',
  '"\\udc00":1,',
  '"s":"\\u0000",',
  '"s":"a\tb",',
  `"deep":${nested(60)},`,
  `"deep":${nested(63)},`,
  `"deep":${nested(20_000)},`,
  `"deep":${"[".repeat(30_000)},`,
  '"deep":' + '{"a":'.repeat(80) + "1" + "}".repeat(80) + ",",
  `"${"k".repeat(20_000)}":1,`,
  `"long":"${"x".repeat(70_000)}",`,
  ",",
  "// comment\n",
);

type Spell = (text: string) => WireBody;
const asIs: Spell = (text) => text;
const bytesOf = (text: string) => new TextEncoder().encode(text);

const insertAt = (text: string, at: number, part: string) => text.slice(0, at) + part + text.slice(at);

/** Behind the nth opening brace. */
const withMember = (part: string, nth: number): Spell => {
  return (text) => {
    const braces = [...text.matchAll(/\{/g)].map(({ index }) => index + 1);
    const at = braces[nth % Math.max(1, braces.length)];
    return at === undefined ? part + text : insertAt(text, at, part);
  };
};

/** Bytes that are no UTF-8, somewhere in the text. */
const withBytes = (odds: readonly number[], share: number): Spell => {
  return (text) => {
    const bytes = bytesOf(text);
    const at = Math.floor(bytes.byteLength * share);
    return Uint8Array.from([...bytes.subarray(0, at), ...odds, ...bytes.subarray(at)]);
  };
};

const share = fc.double({ min: 0, max: 1, noNaN: true });
const invalidUtf8 = fc.constantFrom(
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2],
);
const ODD_SPELLINGS: readonly Spell[] = [
  () => "",
  () => "null",
  (text) => `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text) => `[${text}]`,
  (text) => JSON.stringify(text),
  (text) => `${text}\u0000`,
  (text) => `${" ".repeat(60_000)}${text}`,
  (text) => `${text}${"\n".repeat(70_000)}`,
  (text) => Uint8Array.from(Buffer.from(text, "utf16le")),
];

/** How a value is written: mostly as JSON, else broken in one way. */
const spelling: fc.Arbitrary<Spell> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(asIs) },
  { weight: 3, arbitrary: fc.tuple(members, fc.nat(4)).map(([part, nth]) => withMember(part, nth)) },
  {
    weight: 1,
    arbitrary: share.map(
      (kept): Spell =>
        (text) =>
          text.slice(0, Math.floor(text.length * kept)),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(invalidUtf8, share).map(([odds, at]) => withBytes(odds, at)) },
  { weight: 1, arbitrary: fc.constantFrom(...ODD_SPELLINGS) },
);

/** The wire's form of a value: mostly its JSON. */
export const written = (value: fc.Arbitrary<unknown>): fc.Arbitrary<WireBody> =>
  fc.tuple(value, spelling).map(([each, spell]) => spell(JSON.stringify(each) ?? ""));
