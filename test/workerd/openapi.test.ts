import { expect, it } from "vitest";
import { buildOpenapi } from "../../worker/contract/openapi/openapi.ts";
import { createRouter } from "../../worker/http/router.ts";

it("every path and method of the router is in the contract, and no other", () => {
  const routed = createRouter().routes.flatMap(([method, , , path = ""]) =>
    ["ALL", "OPTIONS"].includes(method) ? [] : [`${method} ${path.replace(/:(\w+)\+?/g, "{$1}") || "/"}`],
  );
  const written = Object.entries((buildOpenapi() as { paths: object }).paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(written.toSorted()).toEqual(routed.toSorted());
});
