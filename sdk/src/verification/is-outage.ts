import { ApiError, ConnectionError } from "../errors.ts";

/**
 * Whether an error says that the server is out of order or out of reach, and nothing of us. Not so when it refuses what we ask, or who
 * we are, or tells us to slow down, which it does when we are refused often.
 */
export function isOutage(error: unknown): boolean {
  return error instanceof ConnectionError || (error instanceof ApiError && error.status >= 500);
}
