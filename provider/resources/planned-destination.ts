import { isUnknown, type PlanOf } from "../framework/index.ts";
import type { apiTokenSchema } from "./api-token-schema.ts";
import { destinationOf } from "./secret-store-places.ts";

/** The URI of the place a plan names; undefined while it depends on something not yet applied. */
export function plannedDestination({
  secret_store: settings,
}: Pick<PlanOf<typeof apiTokenSchema>, "secret_store">): string | undefined {
  if (settings === null || isUnknown(settings)) return undefined;
  const { file, vault } = settings;
  if (isUnknown(file) || isUnknown(vault)) return undefined;
  if (file !== null && !isUnknown(file.path)) return destinationOf({ file: { path: file.path }, vault: null });
  if (vault === null) return undefined;
  const { mount, path, key } = vault;
  if (isUnknown(mount) || isUnknown(path) || isUnknown(key)) return undefined;
  return destinationOf({ file: null, vault: { mount, path, key } });
}
