import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { CompatibilityReporter } from "./test/helpers/compatibility/reporter.ts";
import { CountReporter } from "./test/helpers/count-reporter.ts";
import { defineConfig } from "vitest/config";

const compatibility = new CompatibilityReporter();

/** Four kinds of test: pure rules, code inside workerd with real bindings, the SDK, and the whole from outside. */
export default defineConfig({
  test: {
    silent: "passed-only",
    reporters: ["default", compatibility, new CountReporter(compatibility)],
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { test: { name: "sdk", include: ["test/sdk/**/*.test.ts"] } },
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
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"] },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/helpers/**/*.test.ts"],
          globalSetup: ["test/e2e/deployment.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
