import { type ApiTokenId, parseId } from "../domain/ids.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { ProblemError } from "../domain/problem.ts";
import { revoke } from "../domain/revoke.ts";
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
    await revoke(stores, services, token, by(call));
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
