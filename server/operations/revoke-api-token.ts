import { apiTokenFields, apiTokenTarget } from "../domain/audit-event.ts";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import { apiTokenNotice } from "../domain/notify-admins.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { recordChange } from "../domain/record-change.ts";
import { getExisting } from "./existing-api-token.ts";
import type { Operation } from "./operation.ts";

/** Revokes a token: once this has answered, no replica accepts it. Revoking again changes nothing. */
export const revokeApiToken: Operation<"revokeApiToken", AdminPrincipal> = async (services, call) => {
  const { principal, path, query } = call;
  const now = services.clock.now();
  const id = parseId<ApiTokenId>(path.id);
  const { organizationId } = principal;
  await services.database.transact(async (stores) => {
    const { token, status } = await getExisting(stores, organizationId, id, now);
    if (query.confirmLabel !== undefined && query.confirmLabel !== token.label) throw labelMismatch();
    if (status === "revoked") return;
    const { labelConfirmation } = await stores.organizations.getPolicy(organizationId);
    if (labelConfirmation === "required" && query.confirmLabel === undefined) throw confirmationMissing();
    await stores.apiTokens.updateApiToken(organizationId, id, { revokedAt: now });
    await stores.destinations.releaseExcept(organizationId, id, []);
    await recordChange(stores, services, {
      ...by(call),
      action: "api_token.revoked",
      target: apiTokenTarget(token),
      before: apiTokenFields(token),
      // Nobody was told of one that never worked.
      ...(status === "pending" ? {} : { notice: apiTokenNotice("api_token_revoked", token) }),
    });
  });
  return undefined;
};

function confirmationMissing(): ProblemError {
  return new ProblemError(
    "label_confirmation_missing",
    "Send the token's label in confirmLabel. The organization's policy requires it. Nothing was changed.",
    { places: [{ pointer: "/query/confirmLabel", code: "field_required", message: "must be the label of the token" }] },
  );
}

function labelMismatch(): ProblemError {
  return new ProblemError(
    "label_confirmation_mismatch",
    "Type the token's label exactly as the list shows it. Nothing was changed.",
    { places: [{ pointer: "/query/confirmLabel", code: "value_unknown", message: "must be the label of the token" }] },
  );
}
