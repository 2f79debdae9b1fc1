import { parseNetworks } from "../domain/allowed-networks.ts";
import { labelInUse, requireActive } from "../domain/api-token.ts";
import { apiTokenFields, apiTokenTarget, changedFields } from "../domain/audit-event.ts";
import { parseExpiry } from "../domain/expiry.ts";
import { type ApiTokenId, parseId } from "../domain/ids.ts";
import { requireLifetime } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import { apiTokenAnswer, taggedApiTokenAnswer } from "./api-token-answer.ts";
import { getExisting } from "./existing-api-token.ts";
import { findNamesake } from "./namesake.ts";
import type { Operation } from "./operation.ts";
import { requireVersion } from "./require-version.ts";

/** Changes label, description, expiry or owner namespace of an active token. */
export const updateApiToken: Operation<"updateApiToken", AdminPrincipal> = async (services, call) => {
  const { principal, path, header, body } = call;
  const now = services.clock.now();
  const id = parseId<ApiTokenId>(path.id);
  const { organizationId } = principal;
  const expiresAt = parseExpiry(body, now);
  return services.database.transact(async (stores) => {
    const before = await getExisting(stores, organizationId, id, now);
    requireVersion(header["If-Match"], apiTokenAnswer(before.token, now).version);
    requireActive(before.status, "changed");
    const policy = await stores.organizations.getPolicy(organizationId);
    requireLifetime(policy, expiresAt, now);
    if (policy.duplicateLabels === "refuse" && body.label !== undefined && body.label !== before.token.label) {
      const namesake = await findNamesake(stores, { id, organizationId, label: body.label }, now);
      if (namesake !== undefined) throw labelInUse(namesake.id);
    }
    await stores.apiTokens.updateApiToken(organizationId, id, {
      ...(body.label === undefined ? {} : { label: body.label }),
      ...(body.description === undefined ? {} : { description: body.description }),
      ...(body.managedBy === undefined ? {} : { managedBy: body.managedBy }),
      ...(body.allowedNetworks === undefined ? {} : { allowedNetworks: parseNetworks(body.allowedNetworks) }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });
    const { token } = await getExisting(stores, organizationId, id, now);
    const changed = changedFields(apiTokenFields(before.token), apiTokenFields(token));
    if (Object.keys(changed.after).length > 0) {
      await recordChange(stores, services, {
        ...by(call),
        action: "api_token.updated",
        target: apiTokenTarget(token),
        ...changed,
      });
    }
    return taggedApiTokenAnswer(token, now);
  });
};
