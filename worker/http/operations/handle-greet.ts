import { ENDPOINTS } from "../../contract/endpoints.ts";
import type { OpenHandler } from "../handler.ts";
import { respondJson } from "../respond.ts";

/** `GET /`: tells what this is, and where to look next. */
export const handleGreet: OpenHandler = async () =>
  respondJson({ name: "headrace", models: ENDPOINTS.listModels.path, ready: ENDPOINTS.ready.path });
