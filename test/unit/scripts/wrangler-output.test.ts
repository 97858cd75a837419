import { describe, expect, it } from "vitest";
import { cleanLine, hasFailedBuild, summariseErrors } from "../../../scripts/launcher/wrangler-output.ts";

const FAILED_BUILD = [
  "✘ [ERROR] Build failed with 1 error:",
  '  ✘ [ERROR] Expected ";" but found "{"',
  "      headrace.config.ts:30:7:",
  "      30 │ syntax {",
];

describe("wrangler's output", () => {
  it("loses its colours and its noise", () => {
    expect(cleanLine("\u001b[31m✘ [ERROR]\u001b[0m no ")).toBe("✘ [ERROR] no");
    expect(cleanLine("Using secrets defined in .dev.vars")).toBeUndefined();
    expect(cleanLine("env.KV (headrace)      KV Namespace     local")).toBeUndefined();
    expect(cleanLine("   ")).toBeUndefined();
  });

  it("tells a failed build", () => {
    expect(hasFailedBuild(FAILED_BUILD)).toBe(true);
    expect(hasFailedBuild(["⎔ Local server updated and ready"])).toBe(false);
  });

  it("is summed up as the first error with its place", () => {
    expect(summariseErrors(FAILED_BUILD)).toBe('Expected ";" but found "{" (headrace.config.ts:30:7)');
  });

  it("is summed up without a place where it names none", () => {
    const lines = ["✘ [ERROR] service core:user:headrace: Uncaught TypeError: boom", "  at index.js:2718:7"];
    expect(summariseErrors(lines)).toBe("Uncaught TypeError: boom");
  });

  it("has no summary where nothing failed", () => {
    expect(summariseErrors(["[wrangler:info] Ready on http://127.0.0.1:8787"])).toBeUndefined();
  });
});
