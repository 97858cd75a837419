import { fileURLToPath } from "node:url";
import { buildSdkPackage } from "./sdk-package.ts";

/**
 * Makes the SDK as it is published: one module, its types in one file, and what npm wants beside them.
 *
 *   node scripts/build-sdk.ts     # then: npm publish dist/sdk
 */
const OUTPUT = fileURLToPath(new URL("../dist/sdk", import.meta.url));

const { codeBytes, gzippedBytes } = await buildSdkPackage(OUTPUT);
console.log(`dist/sdk/headrace.js: ${codeBytes} bytes, ${gzippedBytes} gzipped`);
