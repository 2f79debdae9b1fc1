/** When a token expires: what of it is declared, and what of it was set by an earlier run. */
import type { ApiToken, UpdateApiTokenRequest } from "@orgtokens/sdk";
import { isUnknown, type PrivateState, type UpdateRequest } from "../framework/index.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";
import type { PlannedApiToken } from "./api-token-state.ts";
import { secondsOf } from "./duration.ts";
import { isSameInstant } from "./instant.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";

/** The members of a request that name an expiry. */
export type RequestedExpiry = Pick<UpdateApiTokenRequest, "expiresAt" | "expiresInSeconds">;

/** The expiry of a creation; nothing leaves it to the organization's policy. */
export function expiryOfCreation({ expires_in, expires_at }: PlannedApiToken): RequestedExpiry {
  const expiresInSeconds = secondsOf(expires_in);
  if (expiresInSeconds !== undefined) return { expiresInSeconds };
  return isUnknown(expires_at) || expires_at === null ? {} : { expiresAt: expires_at };
}

/** The change of an expiry that a plan asks for; none where a rotation renews it anyway. */
export function changeOfExpiry({
  plan,
  state,
}: UpdateRequest<typeof apiTokenSchema, OrgtokensClient>): RequestedExpiry {
  const { expires_at, expires_in } = plan;
  if (!isUnknown(expires_at)) return isSameInstant(expires_at, state.expires_at) ? {} : { expiresAt: expires_at };
  const expiresInSeconds = secondsOf(expires_in);
  return expiresInSeconds === undefined || isUnknown(plan.fingerprint) ? {} : { expiresInSeconds };
}

const name = "expiry";

type Declared = { readonly expires_in: unknown; readonly expires_at: unknown };

/** Notes what the declaration has made of the expiry, so that a later plan can tell what somebody else has made of it. */
export function noteExpiry(privateState: PrivateState, config: Declared, { expiresAt }: ApiToken): void {
  const isDeclared = config.expires_in !== null || config.expires_at !== null;
  privateState.set(name, isDeclared ? (expiresAt ?? "never") : undefined);
}

/** The expiry that this resource has set; undefined when it has not declared any, or was imported. */
export function notedExpiry(privateState: Pick<PrivateState, "get">): string | undefined {
  return privateState.get(name);
}
