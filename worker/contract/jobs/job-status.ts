/** How a job can have ended: its outcome, which never changes afterwards. */
export const ENDED_STATUSES = ["succeeded", "failed", "canceled", "expired"] as const;

/** `awaiting_review` is reserved: no job reaches it yet. */
export const JOB_STATUSES = ["queued", "in_progress", "awaiting_review", ...ENDED_STATUSES] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];
export type EndedStatus = (typeof ENDED_STATUSES)[number];

/** Whether a job, however much is known of it, has ended. */
export const isEnded = <J extends { readonly status: string }>(
  job: J,
): job is J & { readonly status: EndedStatus } => ENDED_STATUSES.some((ended) => ended === job.status);
