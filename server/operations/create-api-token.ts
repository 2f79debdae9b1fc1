import { parseNetworks } from "../domain/allowed-networks.ts";
import {
  type ApiToken,
  type ApiTokenSecret,
  type ListedApiToken,
  labelInUse,
  pendingLifetimeMs,
  type SecretState,
} from "../domain/api-token.ts";
import { apiTokenFields, apiTokenTarget } from "../domain/audit-event.ts";
import { parseExpiry } from "../domain/expiry.ts";
import type { ApiTokenId } from "../domain/ids.ts";
import { apiTokenNotice } from "../domain/notify-admins.ts";
import { expiryOfCreation, requireGenerator, requireRole } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Stores } from "../domain/stores.ts";
import type { IssuedToken } from "../domain/token-text.ts";
import { apiTokenAnswer } from "./api-token-answer.ts";
import { findNamesake } from "./namesake.ts";
import type { Call, Operation, Schema } from "./operation.ts";
import { findRepeated, rememberCreation } from "./repeated-creation.ts";

/** Generates a token, or a fresh secret for the one that the same request generated before. */
export const createApiToken: Operation<"createApiToken", AdminPrincipal> = async (services, call) => {
  const { principal, body } = call;
  const now = services.clock.now();
  const requestedExpiry = parseExpiry(body, now);
  const allowedNetworks = parseNetworks(body.allowedNetworks ?? []);
  const issued = services.issueToken();
  const { organizationId } = principal;

  return services.database.transact(async (stores) => {
    const policy = await stores.organizations.getPolicy(organizationId);
    requireGenerator(policy, principal);
    requireRole(policy, body.role);
    const expiresAt = expiryOfCreation(policy, requestedExpiry, now);
    const repeated = await findRepeated(stores, call, now);
    const id = repeated?.id ?? services.newId<ApiTokenId>();
    const token: ApiToken = { ...newToken(call, now), id, expiresAt, allowedNetworks, ...creationOf(repeated) };
    const namesake = await findNamesake(stores, token, now);
    if (namesake !== undefined && policy.duplicateLabels === "refuse") throw labelInUse(namesake.id);
    await rememberCreation(stores, call, id, now);

    const state = await makeRoom(stores, token, repeated, now);
    await stores.secrets.insertSecret(secretOf(token, issued, state, now));
    await recordChange(stores, services, {
      ...by(call),
      action: repeated === undefined ? "api_token.created" : "api_token.reissued",
      target: apiTokenTarget(token),
      after: apiTokenFields({ ...token, fingerprint: issued.fingerprint }),
      // One that waits for its activation is worth nothing yet: admins are told when it is activated.
      ...(token.pendingUntil === null
        ? { notice: apiTokenNotice("api_token_generated", { ...token, obfuscated: issued.obfuscated }) }
        : {}),
    });
    const warnings = [...(namesake === undefined ? [] : [labelWarning]), ...(state === "new" ? [reissueWarning] : [])];
    return { ...apiTokenAnswer(shownToken(token, issued, repeated, state), now), token: issued.text, warnings };
  });
};

/** The token a request asks for, but for what policies and repetitions decide. */
function newToken({ principal, body }: Call<"createApiToken", AdminPrincipal>, now: Date) {
  return {
    organizationId: principal.organizationId,
    label: body.label,
    description: body.description ?? null,
    role: body.role,
    createdAt: now,
    createdBy: principal.email,
    pendingUntil: body.activation === "deferred" ? new Date(now.getTime() + pendingLifetimeMs) : null,
    rotatedAt: null,
    revokedAt: null,
    lastUsedAt: null,
    lastUsedIp: null,
    destination: body.destination ?? null,
    managedBy: body.managedBy ?? null,
  };
}

/** What a repetition does not change: who generated the token and when, and of an active one that it is active. */
function creationOf(repeated: ListedApiToken | undefined): Partial<ApiToken> {
  if (repeated === undefined) return {};
  const { createdAt, createdBy, pendingUntil } = repeated;
  return { createdAt, createdBy, ...(pendingUntil === null ? { pendingUntil, expiresAt: repeated.expiresAt } : {}) };
}

/**
 * Makes a place for the secret: a token of its own, the place of a pending token's secret, which nobody could use, or the
 * one of a rotation, which leaves the secret before alone until the new one is used.
 *
 * @returns the state of the secret that is to be inserted.
 */
async function makeRoom(
  stores: Stores,
  token: ApiToken,
  repeated: ListedApiToken | undefined,
  now: Date,
): Promise<SecretState> {
  const { id, organizationId, destination, pendingUntil, expiresAt, description, allowedNetworks } = token;
  if (repeated === undefined) {
    await stores.apiTokens.insertApiToken(token);
    if (destination !== null) await stores.destinations.claim(organizationId, destination, id, now);
    return "current";
  }
  if (pendingUntil === null) {
    await stores.secrets.supersedeNewSecret(organizationId, id);
    return "new";
  }
  const change = { pendingUntil, expiresAt, description, allowedNetworks };
  await stores.apiTokens.updateApiToken(organizationId, id, change);
  await stores.secrets.retireCurrentSecret(organizationId, id, null);
  return "current";
}

function secretOf(token: ApiToken, issued: IssuedToken, state: SecretState, now: Date): ApiTokenSecret {
  return {
    sha256: issued.sha256,
    fingerprint: issued.fingerprint,
    obfuscated: issued.obfuscated,
    organizationId: token.organizationId,
    apiTokenId: token.id,
    state,
    createdAt: now,
    diesAt: null,
    rotation: state === "new" ? { gracePeriodSeconds: 0, destination: undefined, expiresAt: undefined } : null,
  };
}

function shownToken(
  token: ApiToken,
  { obfuscated, fingerprint }: IssuedToken,
  repeated: ListedApiToken | undefined,
  state: SecretState,
): ListedApiToken {
  if (repeated === undefined || state !== "new") return { ...token, obfuscated, fingerprint, newFingerprint: null };
  return { ...repeated, newFingerprint: fingerprint };
}

const labelWarning: Schema<"Warning"> = {
  code: "label_in_use",
  message: "Another live token has this label. A label of its own tells them apart in lists, logs and e-mails.",
};

const reissueWarning: Schema<"Warning"> = {
  code: "secret_reissued",
  message: "An earlier request with this Idempotency-Key generated the token. Its secret works until this one is used.",
};
