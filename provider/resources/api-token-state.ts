import type { ApiToken } from "@orgtokens/sdk";
import type { ApiTokenState } from "./api-token-schema.ts";

/** The part of the state that the server tells. */
export type TokenPart = Pick<
  ApiTokenState,
  | "id"
  | "label"
  | "description"
  | "role"
  | "status"
  | "obfuscated_token"
  | "fingerprint"
  | "destination"
  | "managed_by"
  | "created_at"
  | "created_by"
  | "expires_at"
  | "rotated_at"
>;

/** The part of the state that the secret store tells. */
export type StoredPart = Pick<ApiTokenState, "stored_fingerprint" | "store_version">;

/** An API answer as state. The only place that translates one. */
export function tokenPart(token: ApiToken): TokenPart {
  return {
    id: token.id,
    label: token.label,
    description: token.description,
    role: token.role,
    status: token.status,
    obfuscated_token: token.obfuscatedToken,
    fingerprint: token.fingerprint,
    destination: token.destination,
    managed_by: token.managedBy,
    created_at: token.created,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    rotated_at: token.rotatedAt,
  };
}

/** What a delivery wrote, as state. */
export function storedPart(receipt: {
  readonly fingerprint: string;
  readonly version?: string | undefined;
}): StoredPart {
  return { stored_fingerprint: receipt.fingerprint, store_version: receipt.version ?? null };
}

/** An entry that is missing, or that somebody else wrote. */
export const nothingStored: StoredPart = { stored_fingerprint: null, store_version: null };
