import { buildOpenapi } from "../../contract/openapi/openapi.ts";
import type { OpenHandler } from "../handler.ts";
import { respondJson } from "../respond.ts";

/** Serves the contract, to anybody. It is written when it is first asked for: few isolates ever are. */
export function createOpenapiHandler(): OpenHandler {
  let written: string | undefined;
  return async () => {
    written ??= JSON.stringify(buildOpenapi());
    return respondJson(written);
  };
}
