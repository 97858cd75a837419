/** The wire form of a job's id: 32 bytes in base64url. */
export const JOB_ID = /^job_[A-Za-z0-9_-]{43}$/;
