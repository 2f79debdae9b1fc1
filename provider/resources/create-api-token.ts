import type { ApiToken } from "@orgtokens/sdk";
import { type DeliveryStep, deliverApiToken } from "@orgtokens/sdk/delivery";
import type { CreateRequest } from "../framework/index.ts";
import { requireFreePlace, takeOver } from "./api-token-ownership.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { storedPart, tokenPart } from "./api-token-state.ts";
import { secondsOf } from "./duration.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { withStore } from "./with-store.ts";

type Schema = typeof apiTokenSchema;

/** Creates the token and delivers its secret, or adopts the one that an earlier run delivered without recording it. */
export async function createApiToken(request: CreateRequest<Schema, OrgtokensClient>): Promise<ApiTokenState> {
  const { plan, client, signal, diagnostics } = request;
  const { secret_store, expires_in, rotate_when_changed, rotation_grace_period, on_destroy } = plan;
  const declared = { secret_store, expires_in, rotate_when_changed, rotation_grace_period, on_destroy };
  const expiresInSeconds = secondsOf(expires_in);
  return withStore(client, secret_store, async (store) => {
    requireFreePlace(client, store.destination);
    const delivered = await deliverApiToken({
      client: client.api,
      store,
      request: {
        label: plan.label,
        role: plan.role,
        ...(plan.description === null ? {} : { description: plan.description }),
        ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }),
        ...(client.managedBy === undefined ? {} : { managedBy: client.managedBy }),
      },
      signal,
      // From here on the token may be live although its activation was never answered: let it not be forgotten.
      observe: (step: DeliveryStep) => {
        if (step.kind === "stored")
          request.saveState({ ...declared, ...tokenPart(step.apiToken), ...storedPart(step.receipt) });
      },
    });
    if (delivered.outcome === "adopted") takeOver(client, delivered.apiToken, diagnostics);
    const adopted =
      delivered.outcome === "adopted" ? await alignAdopted(request, delivered.apiToken) : delivered.apiToken;
    return { ...declared, ...tokenPart(adopted), ...storedPart(delivered.receipt) };
  });
}

/** An adopted token may have another description than is declared now. */
async function alignAdopted(request: CreateRequest<Schema, OrgtokensClient>, adopted: ApiToken): Promise<ApiToken> {
  const { plan, client, signal } = request;
  if (adopted.description === plan.description) return adopted;
  return client.api.updateApiToken(adopted.id, { description: plan.description }, { signal });
}
