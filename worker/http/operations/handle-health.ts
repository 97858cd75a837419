import type { OpenHandler } from "../handler.ts";
import { respondJson } from "../respond.ts";

/** The Worker runs; touches nothing. */
export const handleHealth: OpenHandler = async () => respondJson({ status: "ok" });
