import { HeadraceError } from "../../sdk/index.ts";

/** The HeadraceError that a call rejects with; throws where it rejects with another, or not at all. */
export async function rejectionOf(call: Promise<unknown>): Promise<HeadraceError> {
  const error: unknown = await call.then(
    () => new Error("The call was expected to fail."),
    (reason: unknown) => reason,
  );
  if (error instanceof HeadraceError) return error;
  throw error;
}
