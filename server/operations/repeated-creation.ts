import { destinationInUse, type ListedApiToken, statusAt } from "../domain/api-token.ts";
import type { ApiTokenId, OrganizationId } from "../domain/ids.ts";
import type { AdminPrincipal } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { sha256Of } from "../domain/sha256.ts";
import type { Stores } from "../domain/stores.ts";
import type { Call, Schema } from "./operation.ts";

type Request = Schema<"CreateApiTokenRequest">;

/** How long an idempotency key is remembered, in milliseconds: a day. */
export const idempotencyLifetimeMs = 24 * 3_600_000;

/**
 * The token that this request repeats: by its idempotency key the one that was generated and never used, by its
 * destination the pending one.
 *
 * @throws ProblemError `idempotency_key_reused` when the key is another request's, `idempotency_key_spent` when its token
 *   was used, rotated or is dead, `destination_in_use` when another live token has the destination.
 */
export async function findRepeated(
  stores: Stores,
  { principal, body, header }: Call<"createApiToken", AdminPrincipal>,
  now: Date,
): Promise<ListedApiToken | undefined> {
  const { organizationId } = principal;
  const key = header["Idempotency-Key"];
  const byKey = key === undefined ? undefined : await findByKey(stores, organizationId, key, body, now);
  return byKey ?? findByDestination(stores, organizationId, body, now);
}

/** Remembers which token an idempotency key stands for. */
export async function rememberCreation(
  stores: Stores,
  creation: {
    readonly organizationId: OrganizationId;
    readonly key: string;
    readonly body: Request;
    readonly apiTokenId: ApiTokenId;
    readonly now: Date;
  },
): Promise<void> {
  const { organizationId, key, body, apiTokenId, now } = creation;
  const requestSha256 = sha256Of(body);
  await stores.idempotentCreations.putIdempotentCreation(organizationId, key, {
    apiTokenId,
    requestSha256,
    madeAt: now,
  });
}

async function findByKey(
  stores: Stores,
  organizationId: OrganizationId,
  key: string,
  body: Request,
  now: Date,
): Promise<ListedApiToken | undefined> {
  const madeAfter = new Date(now.getTime() - idempotencyLifetimeMs);
  const creation = await stores.idempotentCreations.findIdempotentCreation(organizationId, key, madeAfter);
  if (creation === undefined) return undefined;
  if (creation.requestSha256 !== sha256Of(body)) {
    throw new ProblemError(
      "idempotency_key_reused",
      "Choose another Idempotency-Key: a different request had this one within the last 24 hours. Nothing was changed.",
      {
        places: [
          { pointer: "/header/Idempotency-Key", code: "value_unknown", message: "must be new for a new request" },
        ],
      },
    );
  }
  const token = await stores.apiTokens.findApiToken(organizationId, creation.apiTokenId, now);
  const status = token === undefined ? undefined : statusAt(token, now);
  // A pending token that was discarded is as if it had never been.
  if (token === undefined || status === undefined) return undefined;
  if (status === "pending" || (status === "active" && token.lastUsedAt === null && token.rotatedAt === null))
    return token;
  throw new ProblemError(
    "idempotency_key_spent",
    "The token named by apiTokenId was used, rotated, revoked or is expired. Rotate it for a fresh secret, or choose another Idempotency-Key. Nothing was changed.",
    { apiTokenId: token.id },
  );
}

async function findByDestination(
  stores: Stores,
  organizationId: OrganizationId,
  body: Request,
  now: Date,
): Promise<ListedApiToken | undefined> {
  if (body.destination === undefined) return undefined;
  const claimant = await stores.destinations.findClaimant(organizationId, body.destination, now);
  if (claimant === undefined) return undefined;
  const token = await stores.apiTokens.findApiToken(organizationId, claimant, now);
  if (token !== undefined && body.activation === "deferred" && isRepetition(token, body, now)) return token;
  throw destinationInUse(claimant);
}

function isRepetition(token: ListedApiToken, body: Request, now: Date): boolean {
  return (
    statusAt(token, now) === "pending" &&
    token.label === body.label &&
    token.role === body.role &&
    token.managedBy === (body.managedBy ?? null)
  );
}
