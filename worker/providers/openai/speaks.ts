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
  !isEmpty(reason) ||
  !isEmpty(text) ||
  Object.entries(asObject(delta)).some(([name, value]) => name !== "role" && !isEmpty(value));
