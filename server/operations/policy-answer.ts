import type { OrganizationPolicy } from "../domain/organization-policy.ts";
import type { Schema } from "./operation.ts";

/** An organization's rules as the contract shows them. */
export function policyAnswer(policy: OrganizationPolicy): Schema<"OrganizationPolicy"> {
  return { ...policy, tokenRoles: [...policy.tokenRoles] };
}
