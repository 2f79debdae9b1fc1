/**
 * Why a delivery did not happen although server and store work:
 *
 * - `destination_in_use`: the place holds the secret of another live token
 * - `delivery_superseded`: another delivery of the same token ran at the same time, and came later
 */
export type DeliveryErrorCode = "destination_in_use" | "delivery_superseded";

/** A delivery that ended before its token was live. The message says what to do. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  readonly code: DeliveryErrorCode;
  readonly apiTokenId: string;

  constructor(code: DeliveryErrorCode, apiTokenId: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.apiTokenId = apiTokenId;
  }
}
