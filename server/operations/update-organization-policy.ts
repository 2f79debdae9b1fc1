import { changedFields } from "../domain/audit-event.ts";
import { changePolicy, policyFields } from "../domain/organization-policy.ts";
import { type AdminPrincipal, by } from "../domain/principal.ts";
import { recordChange } from "../domain/record-change.ts";
import type { Operation } from "./operation.ts";
import { policyAnswer } from "./policy-answer.ts";

/** Changes the rules for the organization's tokens. Tokens that exist stay as they are. */
export const updateOrganizationPolicy: Operation<"updateOrganizationPolicy", AdminPrincipal> = async (
  services,
  call,
) => {
  const { principal, body } = call;
  const { organizationId } = principal;
  return services.database.transact(async (stores) => {
    const before = await stores.organizations.getPolicy(organizationId);
    const after = changePolicy(before, body, principal);
    const changed = changedFields(policyFields(before), policyFields(after));
    if (Object.keys(changed.after).length > 0) {
      const { name } = await stores.organizations.getOrganization(organizationId);
      await stores.organizations.putPolicy(organizationId, after);
      await recordChange(stores, services, {
        ...by(call),
        action: "organization.policy_updated",
        target: { type: "organization", id: organizationId, label: name },
        ...changed,
      });
    }
    return policyAnswer(after);
  });
};
