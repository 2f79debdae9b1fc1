/** Crash-safe delivery of secrets: from the server straight into a secret store. */
export {
  type DeliverApiTokenOptions,
  type DeliveredApiToken,
  deliverApiToken,
} from "./deliver-api-token.ts";
export {
  deliverToBaseServer,
  type ReplaceOnBaseServerOptions,
  replaceOnBaseServer,
} from "./deliver-to-base-server.ts";
export { DeliveryError, type DeliveryErrorCode } from "./delivery-error.ts";
export type { DeliveryObserver, DeliveryStep } from "./delivery-step.ts";
export { type RevokeAndDeleteOptions, revokeAndDelete } from "./revoke-and-delete.ts";
export { revokeConfirmed } from "./revoke-confirmed.ts";
export { type RotateApiTokenOptions, type RotatedDelivery, rotateApiToken } from "./rotate-api-token.ts";
