import { type ListedApiToken, statusAt } from "../domain/api-token.ts";
import type { TokenPrincipal } from "../domain/principal.ts";
import { sha256Of } from "../domain/sha256.ts";
import type { PresentedSecret } from "../domain/verdict.ts";
import type { Schema } from "./operation.ts";

/** A token as the contract shows it. */
export function apiTokenAnswer(token: ListedApiToken, now: Date): Schema<"ApiToken"> {
  const shown = {
    id: token.id,
    obfuscatedToken: token.obfuscated,
    label: token.label,
    role: token.role,
    status: statusAt(token, now) ?? "pending",
    created: token.createdAt.toISOString(),
    createdBy: token.createdBy,
    lastUsed: timestamp(token.lastUsedAt),
    lastUsedIp: token.lastUsedIp,
    accountId: token.organizationId,
    description: token.description,
    expiresAt: timestamp(token.expiresAt),
    rotatedAt: timestamp(token.rotatedAt),
    revokedAt: timestamp(token.revokedAt),
    destination: token.destination,
    managedBy: token.managedBy,
    allowedNetworks: [...token.allowedNetworks],
    fingerprint: token.fingerprint,
    newFingerprint: token.newFingerprint,
  };
  return { ...shown, version: versionOf(shown) };
}

/** A token as the contract shows it, with its entity tag. */
export function taggedApiTokenAnswer(token: ListedApiToken, now: Date) {
  const body = apiTokenAnswer(token, now);
  return { headers: { ETag: `"${body.version}"` }, body };
}

/** 16 hexadecimal characters that change with everything that is shown but the last use, which is no change of a token. */
function versionOf({ lastUsed: _at, lastUsedIp: _ip, ...shown }: Omit<Schema<"ApiToken">, "version">): string {
  return sha256Of(shown).slice(0, 16);
}

/** The token of a presented secret, as the contract summarizes it. */
export function apiTokenSummary({ token }: PresentedSecret, now: Date): Schema<"ApiTokenSummary"> {
  return {
    id: token.id,
    label: token.label,
    role: token.role,
    status: statusAt(token, now) ?? "pending",
    accountId: token.organizationId,
    expiresAt: timestamp(token.expiresAt),
  };
}

/** A presented secret, as the contract summarizes it. */
export function secretSummary({ secret }: PresentedSecret): Schema<"SecretSummary"> {
  return { fingerprint: secret.fingerprint, state: secret.state, expiresAt: timestamp(secret.diesAt) };
}

/** The caller, as the contract shows it. */
export function meAnswer(principal: TokenPrincipal, now: Date): Schema<"ApiTokenMe"> {
  return {
    type: "api_token",
    apiToken: apiTokenSummary(principal.presented, now),
    secret: secretSummary(principal.presented),
  };
}

function timestamp(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
