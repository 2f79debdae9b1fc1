import type { ApiToken } from "../client.ts";
import type { StoredReceipt } from "../secret-stores/secret-store.ts";

/** A step that has been made, for progress and for records. Holds no secret. */
export type DeliveryStep =
  /** The store would take the secret. */
  | { readonly kind: "checked"; readonly destination: string }
  /** The server has issued a secret that is not activated. */
  | { readonly kind: "issued"; readonly apiToken: ApiToken }
  /** The secret is in its place. From here on the token can be live, even if nobody hears of it. */
  | { readonly kind: "stored"; readonly apiToken: ApiToken; readonly receipt: StoredReceipt }
  | { readonly kind: "activated"; readonly apiToken: ApiToken };

/** Told of each step. */
export type DeliveryObserver = (step: DeliveryStep) => void;
