import type { Selectable } from "kysely";
import type { ApiToken, ApiTokenSecret, Role, Rotation, SecretState } from "../domain/api-token.ts";
import { parseId } from "../domain/ids.ts";
import type { ApiTokenRow, ApiTokenSecretRow } from "./schema.ts";

const roles: readonly Role[] = ["developer", "admin"];
const secretStates: readonly SecretState[] = ["current", "new", "retiring", "superseded"];

/** Reads a token from its row. */
export function parseApiToken(row: Selectable<ApiTokenRow>): ApiToken {
  return {
    id: parseId(row.id),
    organizationId: parseId(row.organization_id),
    label: row.label,
    description: row.description,
    role: parseRole(row.role),
    createdAt: new Date(row.created_at),
    createdBy: row.created_by,
    pendingUntil: parseTime(row.pending_until),
    expiresAt: parseTime(row.expires_at),
    rotatedAt: parseTime(row.rotated_at),
    revokedAt: parseTime(row.revoked_at),
    lastUsedAt: parseTime(row.last_used_at),
    lastUsedIp: row.last_used_ip,
    destination: row.destination,
    managedBy: row.managed_by,
    allowedNetworks: row.allowed_networks?.split(" ") ?? [],
  };
}

/** Writes a token as its row. */
export function apiTokenRow(token: ApiToken): ApiTokenRow {
  return {
    id: token.id,
    organization_id: token.organizationId,
    label: token.label,
    description: token.description,
    role: token.role,
    created_at: token.createdAt.getTime(),
    created_by: token.createdBy,
    pending_until: milliseconds(token.pendingUntil),
    expires_at: milliseconds(token.expiresAt),
    rotated_at: milliseconds(token.rotatedAt),
    revoked_at: milliseconds(token.revokedAt),
    last_used_at: milliseconds(token.lastUsedAt),
    last_used_ip: token.lastUsedIp,
    destination: token.destination,
    managed_by: token.managedBy,
    allowed_networks: networksText(token.allowedNetworks),
  };
}

/** Reads a secret from its row. */
export function parseSecret(row: Selectable<ApiTokenSecretRow>): ApiTokenSecret {
  return {
    sha256: row.sha256,
    fingerprint: row.fingerprint,
    obfuscated: row.obfuscated,
    organizationId: parseId(row.organization_id),
    apiTokenId: parseId(row.api_token_id),
    state: parseSecretState(row.state),
    createdAt: new Date(row.created_at),
    diesAt: parseTime(row.dies_at),
    rotation: row.rotation === null ? null : parseRotation(row.rotation),
  };
}

/** Writes a secret as its row. */
export function secretRow(secret: ApiTokenSecret): ApiTokenSecretRow {
  return {
    sha256: secret.sha256,
    fingerprint: secret.fingerprint,
    obfuscated: secret.obfuscated,
    organization_id: secret.organizationId,
    api_token_id: secret.apiTokenId,
    state: secret.state,
    created_at: secret.createdAt.getTime(),
    dies_at: milliseconds(secret.diesAt),
    rotation: secret.rotation === null ? null : JSON.stringify(secret.rotation),
  };
}

/** Networks as they are stored. */
export function networksText(networks: readonly string[]): string | null {
  return networks.length === 0 ? null : networks.join(" ");
}

/** A time as it is stored. */
export function milliseconds(time: Date | null): number | null {
  return time?.getTime() ?? null;
}

/** @throws TypeError when the database holds another role. */
export function parseRole(text: string): Role {
  const role = roles.find((candidate) => candidate === text);
  if (role === undefined) throw new TypeError("The database holds a role that this version does not know.");
  return role;
}

function parseSecretState(text: string): SecretState {
  const state = secretStates.find((candidate) => candidate === text);
  if (state === undefined)
    throw new TypeError("The database holds a secret in a state that this version does not know.");
  return state;
}

/** Reads a time that may be missing. */
export function parseTime(stored: number | null): Date | null {
  return stored === null ? null : new Date(stored);
}

function parseRotation(json: string): Rotation {
  const stored: unknown = JSON.parse(json);
  if (typeof stored !== "object" || stored === null || !("gracePeriodSeconds" in stored)) {
    throw new TypeError("The database holds a rotation that this version does not understand.");
  }
  return {
    gracePeriodSeconds: Number(stored.gracePeriodSeconds),
    destination: "destination" in stored ? String(stored.destination) : undefined,
    expiresAt: "expiresAt" in stored ? parseExpiresAt(stored.expiresAt) : undefined,
  };
}

function parseExpiresAt(stored: unknown): Date | null {
  return stored === null ? null : new Date(String(stored));
}
