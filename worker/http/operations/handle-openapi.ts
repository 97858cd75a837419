import { buildOpenapi } from "../../contract/openapi/openapi.ts";
import { respondJson } from "../respond.ts";

/** Serves the contract, to anybody. It is written when it is first asked for: few isolates ever are. */
export function createOpenapiHandler(): () => Response {
  let written: string | undefined;
  return () => {
    written ??= JSON.stringify(buildOpenapi());
    return respondJson(written);
  };
}
