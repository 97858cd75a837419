/** A failure that was foreseen. Its message is the one line the user gets, and says what to do. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
}
