import { openai } from "../../../worker/providers/openai/adapter.ts";
import { describeAdapter } from "./describe-adapter.ts";

describeAdapter("openai", openai);
