import { DeliveryError } from "../delivery/index.ts";
import { ApiError, ClientOptionsError, ConnectionError } from "../errors.ts";
import { SecretStoreError } from "../secret-stores/index.ts";

/** By which the command ends, for scripts. A number is never given another meaning. */
export const exitCodes = {
  done: 0,
  /** The server or a secret store refused; the same will be refused again. */
  refused: 1,
  /** Wrong arguments or settings: nothing was sent. */
  usage: 2,
  /** `deliver-check`: a store does not hold what was delivered. */
  notDelivered: 3,
  /** The server or a secret store cannot be reached or cannot answer now: the same can succeed later. */
  unavailable: 4,
  /** `tokens verify`: the token is worth nothing, or has not the role that was asked for. */
  notActive: 5,
  interrupted: 130,
} as const;

/** A wrong argument or setting; the message says what to write. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError || error instanceof ClientOptionsError) return exitCodes.usage;
  if (error instanceof ConnectionError) return exitCodes.unavailable;
  if (error instanceof ApiError || error instanceof SecretStoreError) {
    if (error instanceof SecretStoreError && error.code === "secret_store_invalid_argument") return exitCodes.usage;
    return error.retryable ? exitCodes.unavailable : exitCodes.refused;
  }
  return exitCodes.refused;
}

/** A failure in words for people: what happened, what to do, and by which request the server knows it. No secret. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    const request = error.requestId === "" ? "" : `, request ${error.requestId}`;
    return `${error.message} (${error.code}${request})`;
  }
  if (error instanceof SecretStoreError || error instanceof DeliveryError) return `${error.message} (${error.code})`;
  return error instanceof Error ? error.message : String(error);
}

/** The same for programs. */
export function explainJson(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
  const requestId = error instanceof ApiError && error.requestId !== "" ? { requestId: error.requestId } : {};
  return { error: { code, message, ...requestId } };
}
