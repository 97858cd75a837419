import { fileURLToPath } from "node:url";
import { buildSdkPackage } from "./sdk-package.ts";

/**
 * Builds the SDK as it is published: its modules, their types, and the files that npm needs.
 *
 *   node scripts/build-sdk.ts     # then: npm publish dist/sdk
 */
const OUTPUT = fileURLToPath(new URL("../dist/sdk", import.meta.url));

for (const { file, codeBytes, gzippedBytes } of await buildSdkPackage(OUTPUT)) {
  console.log(`dist/sdk/${file}: ${codeBytes} bytes, ${gzippedBytes} gzipped`);
}
