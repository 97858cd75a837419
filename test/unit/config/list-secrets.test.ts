import { expect, it } from "vitest";
import { secret, variable } from "../../../worker/contract/config/config.ts";
import { listSecrets } from "../../../worker/domain/config/list-secrets.ts";
import { parseConfig } from "../../../worker/domain/config/parse-config.ts";
import { buildRegistry } from "../../../worker/providers/registry.ts";
import { valueOf } from "../unwrap-result.ts";

it("lists every secret that the config names and is set, and headers that say who pays", () => {
  const config = valueOf(
    parseConfig(
      {
        providers: {
          one: {
            kind: "openai",
            baseUrl: variable("ONE_URL", "https://one.example/v1"),
            apiKey: secret("ONE_KEY"),
          },
          several: { kind: "google", apiKeys: [secret("KEY_A"), secret("KEY_UNSET"), secret("KEY_B")] },
          two: {
            kind: "anthropic",
            apiKey: secret("UNSET"),
            headers: { "x-proxy-token": "t-1", "x-team": "red" },
          },
        },
        routes: { chat: { task: "chat", targets: [{ provider: "one", model: "big" }] } },
        webhooks: { secrets: [secret("HOOKS")] },
      },
      buildRegistry({}),
    ),
  );
  const set: Record<string, string> = {
    ONE_KEY: "sk-1",
    KEY_A: "sk-a",
    KEY_B: "sk-b",
    HOOKS: "master",
    HEADRACE_API_KEY: "hr_test_x",
    ONE_URL: "https://elsewhere.example",
  };
  expect(listSecrets(config, (name) => set[name])).toEqual([
    "sk-1",
    "sk-a",
    "sk-b",
    "t-1",
    "master",
    "hr_test_x",
  ]);
});
