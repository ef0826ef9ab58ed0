/** Why there is no copilot on this page. The message says where, what is wrong, and the remedy. */
export class CopilotError extends Error {
  override readonly name = "CopilotError";

  /**
   * @param reason - `unreachable`: the script did not load. `blocked`: the page's Content-Security-Policy refused it.
   *   `slow`: no answer within 30 s. `invalid`: something else came in its place. `failed`: it could not start.
   */
  constructor(
    readonly reason: "unreachable" | "blocked" | "slow" | "invalid" | "failed",
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
