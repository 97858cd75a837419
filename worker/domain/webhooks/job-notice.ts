/** What a job's object and the consumer of webhooks exchange. Times are milliseconds since the epoch. */

/** The notice that is to be delivered to a job's webhook, if one is still due. */
export type NoticeReply =
  | {
      readonly kind: "due";
      readonly tenant: string;
      readonly url: string;
      /** 1 is the first. */
      readonly attempt: number;
      /** When the job ended. */
      readonly createdAt: number;
      /** JSON text of at most 20 KB: what `buildNoticePayload` gives. */
      readonly payload: string;
    }
  | { readonly kind: "none" };

/**
 * Which delivery a report is about; `createdAt` tells this end from that of an earlier job under the same
 * key.
 */
export type DeliveryRef = Pick<Extract<NoticeReply, { kind: "due" }>, "createdAt" | "attempt">;

/** The result of one delivery. */
export type NoticeReport =
  | { readonly kind: "delivered" }
  /** The receiver answered 410: it gets no more notices. */
  | { readonly kind: "disabled" }
  /** `retryAfterMs` null: given up. */
  | { readonly kind: "failed"; readonly retryAfterMs: number | null };
