/** What is different where the server has the three base operations only: everything about that is here. */
import type { ApiToken } from "@orgtokens/sdk";
import { replaceOnBaseServer } from "@orgtokens/sdk/delivery";
import { attributePath, type ModifyPlanRequest, type UpdateRequest } from "../framework/index.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { requireRevocable } from "./prevent-revoke.ts";
import { type Rotated, withPlaces } from "./rotate-in-place.ts";

type Schema = typeof apiTokenSchema;
type PlanRequest = Exclude<ModifyPlanRequest<Schema, OrgtokensClient>, { action: "delete" }>;

/** Whether the provider has found such a server. Not while it cannot be asked. */
export function isBaseServer(client: OrgtokensClient | undefined): boolean {
  return client?.server === "base";
}

/** What such a server does not keep, and this provider does: where the secret is and which one it is. */
export type Recorded = Pick<ApiTokenState, "destination" | "fingerprint" | "managed_by">;

/** A token as the whole contract would describe it. */
export function asRecorded(client: OrgtokensClient, token: ApiToken, recorded: Recorded): ApiToken {
  if (!isBaseServer(client)) return token;
  const { destination, fingerprint, managed_by: managedBy } = recorded;
  return { ...token, destination, fingerprint, managedBy };
}

/** Attributes that need what such a server does not have. */
const unsupported = ["description", "allowed_networks", "expires_in", "expires_at"] as const;

/** Refuses, in the plan, what the server could not do. */
export function requireSupported({ config, diagnostics }: PlanRequest): void {
  for (const name of unsupported) {
    if (config[name] === null) continue;
    diagnostics.error(
      `The server cannot do what ${name} asks for`,
      `The orgtokens server at the provider's endpoint has the base operations only: it lists, creates and revokes tokens. Remove "${name}", or use a server that has the whole API.`,
      attributePath(name),
    );
  }
}

/** What is decided anew besides the secret where a rotation is a new token. */
const replaced = ["id", "managed_by", "created_at", "created_by"] as const;

/** Plans a new token in the old one's place: such a server cannot rotate, nor change a label. */
export function planReplacement(request: Extract<PlanRequest, { action: "update" }>): void {
  const { state, plan, diagnostics } = request;
  requireRevocable(state, "replaced");
  for (const name of replaced) request.markUnknown(name);
  if (plan.rotation_grace_period === "0s") return;
  diagnostics.warn(
    "The secret before ends at once",
    `The server of "${state.label}" has the base operations only and cannot rotate. A new token takes the place of ${state.id}, which is revoked as soon as the new secret is stored: rotation_grace_period has no effect. Whoever uses the old secret has to read the store again.`,
    attributePath("rotation_grace_period"),
  );
}

/** Creates a token that takes the old one's place, and revokes the old one. */
export async function replaceInPlace(request: UpdateRequest<Schema, OrgtokensClient>): Promise<Rotated> {
  const { plan, state, client, signal } = request;
  return withPlaces(request, async (places) => {
    const { apiToken, receipt } = await replaceOnBaseServer({
      client: client.api,
      ...places,
      apiTokenId: state.id,
      request: {
        label: plan.label,
        role: plan.role,
        ...(client.managedBy === undefined ? {} : { managedBy: client.managedBy }),
      },
      signal,
    });
    client.tokens.forget(apiToken.id);
    const { destination } = places.store;
    const recorded = { destination, fingerprint: receipt.fingerprint, managed_by: client.managedBy ?? null };
    return { apiToken: asRecorded(client, apiToken, recorded), receipt };
  });
}
