import { createAnthropic } from "../../../worker/providers/anthropic/adapter.ts";
import { createAzureOpenai } from "../../../worker/providers/azure-openai/adapter.ts";
import { createGoogle } from "../../../worker/providers/google/adapter.ts";
import { createOpenai } from "../../../worker/providers/openai/adapter.ts";
import { describeAdapter } from "./describe-adapter.ts";

const openai = createOpenai({ responses: true });

describeAdapter("openai", openai);
describeAdapter(
  "anthropic",
  createAnthropic(() => 1_700_000_000_000),
);
describeAdapter(
  "google",
  createGoogle(() => 1_700_000_000_000),
);
describeAdapter("azure-openai", createAzureOpenai(undefined));
