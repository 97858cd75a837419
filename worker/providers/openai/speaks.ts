import { asObject, isObject, type JsonObject } from "../../domain/requests/json-object.ts";

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === "" ||
  (Array.isArray(value) && value.length === 0) ||
  (isObject(value) && Object.keys(value).length === 0);

/** Whether a chunk is a part of the answer, or its end: one that only names a role is neither. */
export const speaks = ({ choices }: JsonObject): boolean =>
  Array.isArray(choices) && choices.map(asObject).some(says);

const says = ({ delta, text, finish_reason: reason }: JsonObject): boolean =>
  !isEmpty(reason) || !isEmpty(text) || saysMore(asObject(delta));

/** Whether a message, or a part of one, says more than whose it is. */
export const saysMore = (message: JsonObject): boolean =>
  Object.entries(message).some(([name, value]) => name !== "role" && !isEmpty(value));
