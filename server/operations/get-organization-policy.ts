import type { AdminPrincipal } from "../domain/principal.ts";
import type { Operation } from "./operation.ts";
import { policyAnswer } from "./policy-answer.ts";

/** Gets the rules for the organization's tokens. */
export const getOrganizationPolicy: Operation<"getOrganizationPolicy", AdminPrincipal> = async (
  { database },
  { principal },
) => policyAnswer(await database.stores.organizations.getPolicy(principal.organizationId));
