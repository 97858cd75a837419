import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { CompatibilityReporter } from "./test/helpers/compatibility/reporter.ts";
import { CountReporter } from "./test/helpers/count-reporter.ts";
import { defineConfig } from "vitest/config";

/** Files share a process and the modules they import: loading these for each file costs more than many tests. */
const TOGETHER = { isolate: false } as const;
/** A machine that does much else at the same time is slow, and that is no failure. */
const PATIENT = { testTimeout: 60_000, hookTimeout: 120_000 } as const;
const compatibility = new CompatibilityReporter();

/** Four kinds of test: pure rules, code inside workerd with real bindings, the SDK, and the whole from outside. */
export default defineConfig({
  test: {
    silent: "passed-only",
    // Most tests wait for other processes: a core that is left free is left idle.
    maxWorkers: "100%",
    reporters: ["default", compatibility, new CountReporter(compatibility)],
    projects: [
      { test: { ...TOGETHER, name: "unit", include: ["test/unit/**/*.test.ts"], ...PATIENT } },
      { test: { ...TOGETHER, name: "sdk", include: ["test/sdk/**/*.test.ts"], ...PATIENT } },
      {
        logLevel: "error",
        plugins: [
          cloudflareTest({
            remoteBindings: false,
            wrangler: { configPath: "./test/fixtures/deployment/wrangler.toml" },
            miniflare: {
              bindings: {
                HEADRACE_API_KEY: "hr_test_workerdworkerdworkerdworkerd",
                PRIMARY_KEY: "sk-primary",
              },
            },
          }),
        ],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"], ...PATIENT },
      },
      {
        test: {
          ...TOGETHER,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/helpers/**/*.test.ts"],
          globalSetup: ["test/e2e/deployment.ts"],
          ...PATIENT,
        },
      },
    ],
  },
});
