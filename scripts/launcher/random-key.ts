import { randomInt } from "node:crypto";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 238 bits. */
const LENGTH = 40;

/** Letters and digits from the system's secure random numbers. */
export const createSecret = (): string =>
  Array.from({ length: LENGTH }, () => BASE62[randomInt(BASE62.length)]).join("");

/** A new API key. */
export const createKey = (kind: "live" | "test"): string => `hr_${kind}_${createSecret()}`;
