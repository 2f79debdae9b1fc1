import type { ApiToken } from "@orgtokens/sdk";
import type { PlannedOf } from "../framework/index.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { rotationDueAt } from "./rotation-age.ts";

/** What is planned for a token, while it is applied. */
export type PlannedApiToken = PlannedOf<typeof apiTokenSchema>;

/** The part of the state that only the configuration tells. */
export type DeclaredPart = Pick<
  ApiTokenState,
  | "secret_store"
  | "expires_in"
  | "rotate_after"
  | "rotate_when_changed"
  | "rotation_grace_period"
  | "on_destroy"
  | "prevent_revoke"
>;

/** The part of the state that the server tells. */
export type TokenPart = Omit<ApiTokenState, keyof DeclaredPart | keyof StoredPart>;

/** The part of the state that the secret store tells. */
export type StoredPart = Pick<ApiTokenState, "stored_fingerprint" | "store_version">;

/** What a plan declares beside what the server keeps. */
export function declaredPart(plan: PlannedApiToken): DeclaredPart {
  const { secret_store, expires_in, rotate_after, rotate_when_changed, rotation_grace_period, on_destroy } = plan;
  const { prevent_revoke } = plan;
  return {
    secret_store,
    expires_in,
    rotate_after,
    rotate_when_changed,
    rotation_grace_period,
    on_destroy,
    prevent_revoke,
  };
}

/** What of a plan or of an earlier state decides how an API answer is written down. */
export type Written = Pick<PlannedApiToken, "rotate_after">;

/** An API answer as state. The only place that translates one. */
export function tokenPart(token: ApiToken, { rotate_after }: Written): TokenPart {
  return {
    id: token.id,
    label: token.label,
    description: token.description,
    role: token.role,
    allowed_networks: token.allowedNetworks.length === 0 ? null : token.allowedNetworks,
    status: token.status,
    obfuscated_token: token.obfuscatedToken,
    fingerprint: token.fingerprint,
    destination: token.destination,
    managed_by: token.managedBy,
    created_at: token.created,
    created_by: token.createdBy,
    expires_at: token.expiresAt,
    rotated_at: token.rotatedAt,
    rotation_due_at: rotationDueAt(token.rotatedAt ?? token.created, rotate_after),
    organization_id: token.accountId,
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
