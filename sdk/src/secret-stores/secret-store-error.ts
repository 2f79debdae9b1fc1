/**
 * Why a secret store did not do what it was asked:
 *
 * - `secret_store_unreachable`: no answer, or "not now"
 * - `secret_store_refused`: the credentials do not suffice
 * - `secret_store_not_found`: the place lies in something that does not exist
 * - `secret_store_occupied`: the place holds something that is not this token's
 * - `secret_store_conflict`: somebody else wrote at the same time
 * - `secret_store_invalid_argument`: the place or the value cannot be used
 * - `secret_store_unreadable`: the store gives no secret back to anybody
 * - `secret_store_closed`: the handle was closed
 * - `secret_store_failed`: anything else
 */
export type SecretStoreErrorCode =
  | "secret_store_unreachable"
  | "secret_store_refused"
  | "secret_store_not_found"
  | "secret_store_occupied"
  | "secret_store_conflict"
  | "secret_store_invalid_argument"
  | "secret_store_unreadable"
  | "secret_store_closed"
  | "secret_store_failed";

const retryable: ReadonlySet<SecretStoreErrorCode> = new Set(["secret_store_unreachable", "secret_store_conflict"]);

/** A secret store did not do what it was asked. Neither message nor cause holds a secret. */
export class SecretStoreError extends Error {
  override readonly name = "SecretStoreError";
  readonly code: SecretStoreErrorCode;
  /** URI of the place. */
  readonly destination: string;
  /** Whether the same can succeed later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(
    code: SecretStoreErrorCode,
    destination: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    this.destination = destination;
    this.retryable = retryable.has(code);
  }
}
