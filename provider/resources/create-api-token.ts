import type { ApiToken } from "@orgtokens/sdk";
import {
  type DeliveredApiToken,
  type DeliveryStep,
  deliverApiToken,
  deliverToBaseServer,
} from "@orgtokens/sdk/delivery";
import type { StoredReceipt } from "@orgtokens/sdk/secret-stores";
import { attributePath, type CreateRequest, type Diagnostics, rootPath } from "../framework/index.ts";
import { requireFreePlace, takeOver } from "./api-token-ownership.ts";
import type { ApiTokenState, apiTokenSchema } from "./api-token-schema.ts";
import { declaredPart, storedPart, tokenPart } from "./api-token-state.ts";
import { asRecorded, isBaseServer } from "./base-server.ts";
import { expiryOfCreation, noteExpiry } from "./expiry.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { isSameSet } from "./update-api-token.ts";
import { withStore } from "./with-store.ts";

type Request = CreateRequest<typeof apiTokenSchema, OrgtokensClient>;

/** Creates the token and delivers its secret, or adopts the one that an earlier run delivered without recording it. */
export async function createApiToken(request: Request): Promise<ApiTokenState> {
  const { plan, config, client, signal, diagnostics, privateState } = request;
  const declared = declaredPart(plan);
  return withStore(client, plan.secret_store, async (store) => {
    requireFreePlace(client, store.destination);
    const deliver = isBaseServer(client) ? deliverToBaseServer : deliverApiToken;
    const complete = (token: ApiToken, { fingerprint }: StoredReceipt) =>
      asRecorded(client, token, { destination: store.destination, fingerprint, managed_by: client.managedBy ?? null });
    const delivered = await deliver({
      client: client.api,
      store,
      request: requestOf(request),
      signal,
      // From here on the token may be live although its activation was never answered: let it not be forgotten. What is not
      // finished is replaced by the next run, so it protects nothing yet.
      observe: (step: DeliveryStep) => {
        if (step.kind !== "stored") return;
        const unfinished = { ...declared, prevent_revoke: false };
        request.saveState({
          ...unfinished,
          ...tokenPart(complete(step.apiToken, step.receipt), plan),
          ...storedPart(step.receipt),
        });
      },
    });
    client.tokens.forget(delivered.apiToken.id);
    warnAsTheServer(diagnostics, delivered.warnings);
    if (delivered.outcome === "adopted") takeOver(client, delivered.apiToken, diagnostics);
    const token =
      delivered.outcome === "adopted" ? await alignAdopted(request, delivered.apiToken) : delivered.apiToken;
    noteExpiry(privateState, config, token);
    return { ...declared, ...tokenPart(complete(token, delivered.receipt), plan), ...storedPart(delivered.receipt) };
  });
}

function requestOf({ plan, client }: Request) {
  const { label, role, description, allowed_networks } = plan;
  return {
    label,
    role,
    ...(description === null ? {} : { description }),
    ...(allowed_networks === null ? {} : { allowedNetworks: [...allowed_networks] }),
    ...expiryOfCreation(plan),
    ...(client.managedBy === undefined ? {} : { managedBy: client.managedBy }),
  };
}

/** An adopted token may have another description, other networks or another expiry than are declared now. */
async function alignAdopted(request: Request, adopted: ApiToken): Promise<ApiToken> {
  const { plan, client, signal } = request;
  if (isBaseServer(client)) return adopted;
  const networks = [...(plan.allowed_networks ?? [])];
  const change = {
    ...(adopted.description === plan.description ? {} : { description: plan.description }),
    ...(isSameSet(networks, adopted.allowedNetworks) ? {} : { allowedNetworks: networks }),
    ...expiryOfCreation(plan),
  };
  if (Object.keys(change).length === 0) return adopted;
  return client.api.updateApiToken(adopted.id, change, { signal });
}

/** What the server accepts, but advises against, such as a label that another live token has. */
function warnAsTheServer(diagnostics: Diagnostics, warnings: DeliveredApiToken["warnings"]): void {
  for (const { code, message } of warnings) {
    diagnostics.warn(
      code === "label_in_use" ? "Another live token has this label" : "The server has a word of advice",
      `${message} (${code})`,
      code === "label_in_use" ? attributePath("label") : rootPath,
    );
  }
}
