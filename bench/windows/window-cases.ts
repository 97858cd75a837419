import { API_KEY } from "../scenario.ts";

/** An upstream with one device, and the two routes to it: one call for each request, and batches. */
export interface WindowCase {
  readonly name: string;
  /** Of bench/windows/upstream. */
  readonly upstream: readonly string[];
  readonly alone: string;
  readonly windowed: string;
  /** Requests a second, each above what the device can take that way. */
  readonly overload: { readonly alone: number; readonly windowed: number };
  /** How many times what the device takes one by one it is to take in batches. */
  readonly ratioGoal?: number;
}

/** A call that carries 32 takes two and a half times as long as one that carries one. */
export const STEEP: WindowCase = {
  name: "20 + 1·n ms, up to 32 items",
  upstream: ["--base-ms", "20", "--item-ms", "1"],
  alone: "embed-alone",
  windowed: "embed-one-slot",
  overload: { alone: 80, windowed: 900 },
};

/** NVIDIA's numbers for an Inception model under Triton: 73 a second one by one, 272 in batches of 4. */
export const TRITON: WindowCase = {
  name: "13.3 + 0.35·n ms, up to 4 items (Triton's)",
  upstream: ["--base-ms", "13.3", "--item-ms", "0.35"],
  alone: "embed-alone",
  windowed: "embed-by-4",
  overload: { alone: 120, windowed: 400 },
  ratioGoal: 3.4,
};

/** Its time goes by tokens: the longer the texts, the less there is to gain. */
export const MODEL: WindowCase = {
  name: "a real model, up to 32 items",
  upstream: ["--model"],
  alone: "embed-alone",
  windowed: "embed-by-32",
  overload: { alone: 350, windowed: 1100 },
  ratioGoal: 3,
};

export const WINDOWS_TITLE = "windows, in which requests share calls";

/** When an answer is of use: this long after its request was due, in milliseconds. */
export const OBJECTIVE_MS = 100;
/** The share of all requests that is to be answered by then at a rate that is held. */
export const HELD_SHARE = 0.99;

/** What OpenAI's own clients ask for: base64. Each text is new. */
export const bodyOf = (route: string) =>
  JSON.stringify({ model: route, input: "mill {n}", encoding_format: "base64" });

export const HEADERS = { "content-type": "application/json", authorization: `Bearer ${API_KEY}` };

/** Who waits no longer than the objective says so, and the window may refuse what would be late. */
export const IMPATIENT = { ...HEADERS, "x-headrace-timeout-ms": String(OBJECTIVE_MS) };
