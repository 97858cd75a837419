import { fileURLToPath } from "node:url";
import { buildSdkPackage } from "./sdk-package.ts";

/**
 * Makes the SDK as it is published: its modules, their types, and what npm wants beside them.
 *
 *   node scripts/build-sdk.ts     # then: npm publish dist/sdk
 */
const OUTPUT = fileURLToPath(new URL("../dist/sdk", import.meta.url));

for (const { file, codeBytes, gzippedBytes } of await buildSdkPackage(OUTPUT)) {
  console.log(`dist/sdk/${file}: ${codeBytes} bytes, ${gzippedBytes} gzipped`);
}
