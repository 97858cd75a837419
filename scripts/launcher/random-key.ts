import { randomInt } from "node:crypto";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 238 bits. */
const LENGTH = 40;

/** A new API key, from the system's secure randomness. */
export function createKey(kind: "live" | "test"): string {
  const letters = Array.from({ length: LENGTH }, () => BASE62[randomInt(BASE62.length)]);
  return `hr_${kind}_${letters.join("")}`;
}
