import { isUnknown, type PlanOf } from "../framework/index.ts";
import { destinationOf, namedPlace } from "../secret-stores/secret-store.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";

/** The URI of the place a plan names; undefined while it depends on something not yet applied. */
export function plannedDestination({
  secret_store: settings,
}: Pick<PlanOf<typeof apiTokenSchema>, "secret_store">): string | undefined {
  if (settings === null || isUnknown(settings) || namedPlace(settings) === undefined) return undefined;
  return destinationOf(settings);
}
