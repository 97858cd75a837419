/** WebSockets as nobody should open or use them: the heads of upgrades, and frames, down to their bytes. */
import * as fc from "fast-check";

/** The lines of an upgrade's head, besides its request line and Host; a later one replaces an earlier. */
export const upgradeHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .tuple(
    fc.constantFrom("websocket", "websocket", "websocket", "WebSocket", "h2c", "", "websocket, h2c"),
    fc.constantFrom("Upgrade", "Upgrade", "Upgrade", "keep-alive, Upgrade", "close", ""),
    fc.constantFrom("13", "13", "13", "8", "99", "-1", ""),
    fc.constantFrom("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ==", "short", "", "x".repeat(5000)),
    fc.constantFrom(
      "headrace.v1, bearer.KEY",
      "headrace.v1, bearer.KEY",
      "bearer.KEY",
      "bearer.KEY, bearer.KEY",
      "headrace.v1",
      "headrace.v1, bearer.hr_test_nobody",
      ",,,",
      "x".repeat(4000),
    ),
    fc.constantFrom("", "", "permessage-deflate", "permessage-deflate; client_max_window_bits=99", "x-odd"),
  )
  .map(([upgrade, connection, version, key, protocol, extensions]) => ({
    upgrade,
    connection,
    "sec-websocket-version": version,
    "sec-websocket-key": key,
    "sec-websocket-protocol": protocol,
    ...(extensions === "" ? {} : { "sec-websocket-extensions": extensions }),
  }));

/** A frame of RFC 6455 (section 5.2), right or wrong in any of its parts. */
const frame = fc
  .record({
    final: fc.boolean(),
    reserved: fc.constantFrom(0, 0, 0, 0b0100_0000, 0b0111_0000),
    opcode: fc.constantFrom(1, 1, 1, 0, 2, 3, 8, 9, 10, 15),
    isMasked: fc.constantFrom(true, true, true, false),
    payload: fc.oneof(
      fc.constantFrom("ping", "", "pong", "{}", "x".repeat(126), "x".repeat(70_000), "\u00ff\u00fe"),
      fc.string({ unit: "binary", maxLength: 60 }),
    ),
    /** What the frame says its length is, more or less than it has. */
    more: fc.constantFrom(0, 0, 0, 0, 1, 100_000_000),
  })
  .map(({ final, reserved, opcode, isMasked, payload, more }) => {
    const bytes = Buffer.from(payload, "latin1");
    const head = Buffer.alloc(10);
    head[0] = (final ? 0x80 : 0) | reserved | opcode;
    head[1] = (isMasked ? 0x80 : 0) | 127;
    head.writeBigUInt64BE(BigInt(bytes.length + more), 2);
    // A mask of zeros changes nothing.
    return Buffer.concat([head, Buffer.alloc(isMasked ? 4 : 0), bytes]);
  });

export const frames: fc.Arbitrary<readonly Buffer[]> = fc.array(frame, { maxLength: 4 });
