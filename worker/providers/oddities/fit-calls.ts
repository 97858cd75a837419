import { asObject, isObject } from "../../domain/requests/json-object.ts";
import { callsOf, changeSome, type ChatMessage, type ChatMessages } from "./chat-message.ts";

/** Replaces ids of tool calls that the provider does not take, in calls and in their results alike. */
export const fitCallIds =
  (taken: RegExp) =>
  (messages: ChatMessages): ChatMessages => {
    const isOdd = (id: unknown) => typeof id === "string" && !taken.test(id);
    const fit = (id: unknown) => (typeof id === "string" && isOdd(id) ? shortId(id) : id);
    return changeSome(
      messages,
      (message) =>
        isOdd(message["tool_call_id"]) || callsOf(message).some((call) => isOdd(asObject(call)["id"])),
      (message) => ({ ...message, ...fitResult(message, fit), ...fitCalls(message, fit) }),
    );
  };

const fitResult = (message: ChatMessage, fit: (id: unknown) => unknown) =>
  message["tool_call_id"] === undefined ? {} : { tool_call_id: fit(message["tool_call_id"]) };

const fitCalls = (message: ChatMessage, fit: (id: unknown) => unknown) =>
  message["tool_calls"] == null
    ? {}
    : {
        tool_calls: callsOf(message).map((call) =>
          isObject(call) ? { ...call, id: fit(call["id"]) } : call,
        ),
      };

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LENGTH = 9;

/**
 * Nine letters and digits made of an id, which every provider takes. They hold 53 bits of a hash (cyrb53), so
 * that no two calls of a conversation get the same; the same id always gives the same.
 */
export function shortId(id: string): string {
  let left = 0xdeadbeef;
  let right = 0x41c6ce57;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    left = Math.imul(left ^ code, 2_654_435_761);
    right = Math.imul(right ^ code, 1_597_334_677);
  }
  left = Math.imul(left ^ (left >>> 16), 2_246_822_507) ^ Math.imul(right ^ (right >>> 13), 3_266_489_909);
  right = Math.imul(right ^ (right >>> 16), 2_246_822_507) ^ Math.imul(left ^ (left >>> 13), 3_266_489_909);
  let rest = 4_294_967_296 * (2_097_151 & right) + (left >>> 0);
  let short = "";
  while (short.length < LENGTH) {
    short += ALPHABET[rest % ALPHABET.length];
    rest = Math.floor(rest / ALPHABET.length);
  }
  return short;
}
