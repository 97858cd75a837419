/** What the player does to a connection, in order. */
export type Step =
  | { readonly step: "gate" }
  | { readonly step: "pause"; readonly ms: number }
  | Head
  | { readonly step: "write"; readonly bytes: Buffer }
  /** Writes the bytes again and again until the client leaves. */
  | { readonly step: "repeat"; readonly bytes: Buffer; readonly intervalMs: number }
  | { readonly step: "hang" }
  | { readonly step: "reset" }
  | { readonly step: "end" };

export interface Head {
  readonly step: "head";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A reply cut into what is sent at once. */
export interface Framed {
  readonly head: Head;
  /** The events of a stream, [DONE] included, or the halves of a JSON body. */
  readonly parts: readonly Buffer[];
  /** The steps that send the first `count` parts at the pace the fault asks for. */
  readonly first: (count: number) => readonly Step[];
}

export const END: Step = { step: "end" };
export const write = (bytes: Buffer): Extract<Step, { step: "write" }> => ({ step: "write", bytes });
export const pause = (ms: number): Step => ({ step: "pause", ms });
