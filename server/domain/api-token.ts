import type { ApiTokenId, OrganizationId } from "./ids.ts";
import { ProblemError } from "./problem.ts";

/** What a token may do: `developer` authenticates to services, `admin` also administers the organization's tokens. */
export type Role = "developer" | "admin";

/** Where a token is in its life. Derived, never stored. */
export type Status = "pending" | "active" | "revoked" | "expired";

/** How long a created token waits for its activation before it is discarded, in milliseconds: 15 minutes. */
export const pendingLifetimeMs = 15 * 60_000;
/** How long a replaced secret works when a rotation does not say, in seconds: a day. */
export const defaultGracePeriodSeconds = 86_400;
/** How long revoked and expired tokens can be looked up, in milliseconds: 90 days. */
export const retentionMs = 90 * 24 * 3_600_000;
/** How far ahead an expiry must lie, in milliseconds. */
export const minimumLifetimeMs = 1000;

/** An API token as it is stored. Times are UTC with milliseconds; null means never or none. */
export type ApiToken = {
  readonly id: ApiTokenId;
  readonly organizationId: OrganizationId;
  readonly label: string;
  readonly description: string | null;
  readonly role: Role;
  readonly createdAt: Date;
  /** E-mail address. Stays when the user is removed. */
  readonly createdBy: string;
  /** Until when it can be activated; null once it was, and for tokens that never waited. */
  readonly pendingUntil: Date | null;
  readonly expiresAt: Date | null;
  readonly rotatedAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly lastUsedIp: string | null;
  readonly destination: string | null;
  readonly managedBy: string | null;
  /** The networks it works from, in CIDR notation; none means from everywhere. */
  readonly allowedNetworks: readonly string[];
};

/** A token with what is shown of its secrets. */
export type ListedApiToken = ApiToken & {
  readonly obfuscated: string;
  readonly fingerprint: string;
  /** The fingerprint of a rotation's secret that was neither activated nor used yet. */
  readonly newFingerprint: string | null;
};

/** Where a secret is in its life. Only `current`, `new` and, until `diesAt`, `retiring` can authenticate. */
export type SecretState = "current" | "new" | "retiring" | "superseded";

/** A secret of a token: what is kept of it, never the secret. */
export type ApiTokenSecret = {
  readonly sha256: string;
  readonly fingerprint: string;
  readonly obfuscated: string;
  readonly organizationId: OrganizationId;
  readonly apiTokenId: ApiTokenId;
  readonly state: SecretState;
  readonly createdAt: Date;
  /** When a retiring secret stops working. */
  readonly diesAt: Date | null;
  /** What a rotation's new secret brings about when it becomes current; null for others. */
  readonly rotation: Rotation | null;
};

/** What takes effect when the new secret of a rotation becomes the current one. */
export type Rotation = {
  /** How long the secret before works after that, in seconds. */
  readonly gracePeriodSeconds: number;
  /** Where the new secret is kept; undefined when that does not change. */
  readonly destination: string | undefined;
  /** The token's new expiry; undefined when that does not change. */
  readonly expiresAt: Date | null | undefined;
};

/**
 * Where a token is in its life at `now`.
 * @returns undefined for a token that was never activated in time: it does not exist any more.
 */
export function statusAt(
  token: Pick<ApiToken, "pendingUntil" | "expiresAt" | "revokedAt">,
  now: Date,
): Status | undefined {
  if (token.revokedAt !== null) return "revoked";
  if (token.pendingUntil !== null && token.pendingUntil <= now) return undefined;
  if (token.expiresAt !== null && token.expiresAt <= now) return "expired";
  return token.pendingUntil === null ? "active" : "pending";
}

/** @throws ProblemError `api_token_pending`, `api_token_revoked` or `api_token_expired` unless the token is active. */
export function requireActive(status: Status, what: string): void {
  if (status === "active") return;
  const advice = status === "pending" ? "Activate it first, or repeat its creation." : "Generate a new one.";
  throw new ProblemError(`api_token_${status}`, `A ${status} token cannot be ${what}. ${advice}`);
}

/** The problem of an id the organization has no token under. */
export function apiTokenNotFound(): ProblemError {
  return new ProblemError("api_token_not_found", "Check the id. A discarded or purged token is not found either.");
}

/** The problem of a label that another live token has, where the policy refuses that. */
export function labelInUse(apiTokenId: ApiTokenId): ProblemError {
  return new ProblemError(
    "label_in_use",
    "Choose a label of its own, or revoke the token named by apiTokenId. The organization's policy refuses duplicates. Nothing was changed.",
    { apiTokenId, places: [{ pointer: "/body/label", code: "value_unknown", message: "must not be in use" }] },
  );
}

/** The problem of a destination that another live token has. */
export function destinationInUse(apiTokenId: ApiTokenId): ProblemError {
  return new ProblemError(
    "destination_in_use",
    "Revoke or rotate the token named by apiTokenId, or choose another destination. Nothing was changed.",
    { apiTokenId },
  );
}
