import { buildOpenapi } from "../../contract/openapi/openapi.ts";
import type { OpenHandler } from "../handler.ts";
import { respondJson } from "../respond.ts";

/** Serves the contract, to anybody. It is built on the first request for it, which few isolates ever get. */
export function createOpenapiHandler(): OpenHandler {
  let written: string | undefined;
  return async () => {
    written ??= JSON.stringify(buildOpenapi());
    return respondJson(written);
  };
}
