/** What a job's object and the consumer of webhooks say to each other. Times are milliseconds since the epoch. */

/** What a job's webhook is to be told, if anything still. */
export type NoticeReply =
  | {
      readonly kind: "due";
      readonly tenant: string;
      readonly url: string;
      /** 1 is the first. */
      readonly attempt: number;
      /** When what it tells of happened. */
      readonly createdAt: number;
      /** JSON text of at most 20 KB: what `buildNoticePayload` gives. */
      readonly payload: string;
    }
  | { readonly kind: "none" };

/** Which delivery of which end a report is about: a job that is forgotten and asked again ends again. */
export type DeliveryRef = Pick<Extract<NoticeReply, { kind: "due" }>, "createdAt" | "attempt">;

/** What became of one delivery. */
export type NoticeReport =
  | { readonly kind: "delivered" }
  /** The receiver wants no more of them. */
  | { readonly kind: "disabled" }
  /** `retryAfterMs` null: given up. */
  | { readonly kind: "failed"; readonly retryAfterMs: number | null };
