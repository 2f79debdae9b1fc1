import type { ApiTokenSecret, ListedApiToken, Status } from "../domain/api-token.ts";
import { apiTokenFields, apiTokenTarget, changedFields } from "../domain/audit-event.ts";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import { apiTokenNotice } from "../domain/notify-admins.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { promoteSecret } from "../domain/promote-secret.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Stores } from "../domain/stores.ts";
import { taggedApiTokenAnswer } from "./api-token-answer.ts";
import { getExisting } from "./existing-api-token.ts";
import type { Operation } from "./operation.ts";

/** Makes a delivered secret the current one. Activating the current secret again changes nothing. */
export const activateApiToken: Operation<"activateApiToken", AdminPrincipal> = async (services, call) => {
  const { principal, path, body } = call;
  const now = services.clock.now();
  const id = parseId<ApiTokenId>(path.id);
  const { organizationId } = principal;
  return services.database.transact(async (stores) => {
    const { token, status } = await getExisting(stores, organizationId, id, now);
    if (status === "revoked" || status === "expired") {
      throw new ProblemError(`api_token_${status}`, `A ${status} token cannot be activated. Generate a new one.`);
    }
    const secret = await stores.secrets.findSecret(organizationId, id, body.fingerprint);
    const isChange = secret?.state === "new" || status === "pending";
    await activate(stores, { token, status }, secret, now);
    const after = await getExisting(stores, organizationId, id, now);
    if (isChange) {
      await recordChange(stores, services, {
        ...by(call),
        ...(secret?.state === "new"
          ? { action: "api_token.rotated", notice: apiTokenNotice("api_token_rotated", after.token) }
          : { action: "api_token.activated", notice: apiTokenNotice("api_token_generated", after.token) }),
        target: apiTokenTarget(token),
        ...changedFields(apiTokenFields(token), apiTokenFields(after.token)),
      });
    }
    return taggedApiTokenAnswer(after.token, now);
  });
};

async function activate(
  stores: Stores,
  { token, status }: { readonly token: ListedApiToken; readonly status: Status },
  secret: ApiTokenSecret | undefined,
  now: Date,
): Promise<void> {
  switch (secret?.state) {
    case undefined:
      throw new ProblemError(
        "activation_not_pending",
        "No secret of this token has the fingerprint. Check it, or repeat the delivery from its start. Nothing was changed.",
      );
    case "retiring":
    case "superseded":
      throw new ProblemError(
        "secret_superseded",
        "Another delivery issued a newer secret. Repeat the delivery from its start. Nothing was changed.",
      );
    case "new":
      return promoteSecret(stores, token, secret, now);
    case "current":
      if (status === "pending") {
        await stores.apiTokens.updateApiToken(token.organizationId, token.id, { pendingUntil: null });
      }
  }
}
