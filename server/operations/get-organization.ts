import type { Principal } from "../domain/principal.ts";
import type { Operation } from "./operation.ts";

/** Gets the caller's organization. */
export const getOrganization: Operation<"getOrganization", Principal> = async (services, { principal }) => {
  const organization = await services.database.stores.organizations.getOrganization(principal.organizationId);
  return { id: organization.id, name: organization.name, created: organization.createdAt.toISOString() };
};
