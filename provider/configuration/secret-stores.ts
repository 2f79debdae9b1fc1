import {
  type Environment,
  MissingSettingError,
  openSecretStore as openPlace,
  type SecretStore,
  VaultSessions,
} from "@orgtokens/sdk/secret-stores";
import { AttributeError, attributePath, type ConfigureRequest, isUnknown } from "../framework/index.ts";
import { type AnySecretStore, namedPlace, storeKinds } from "../secret-stores/secret-store.ts";
import type { Members, StoreKind } from "../secret-stores/store-kind.ts";
import type { providerSchema } from "./provider-schema.ts";

/** `secret_stores` of the provider block. */
type StoresConfig = ConfigureRequest<typeof providerSchema>["config"]["secret_stores"];

/** What the provider block says of each store, by the names of their kinds. */
type StoresSettings = { readonly [kind: string]: Members };

/** Opens places; what a store needs and lacks is missed when one is opened, not before. */
export type StoreOpener = {
  readonly open: (settings: AnySecretStore) => SecretStore;
  /** Ends the logins that the places shared. */
  readonly close: () => Promise<void>;
};

/**
 * Reads how the stores are reached; undefined while something of it is unknown.
 *
 * The opener throws AttributeError when the provider lacks what the store needs, and SecretStoreError for a place that cannot be.
 */
export function readStoreAccess(stores: StoresConfig, environment: Environment): StoreOpener | undefined {
  const configured = readSettings(stores);
  if (configured === undefined) return undefined;
  const sessions = new VaultSessions();
  const open = (settings: AnySecretStore) => {
    const named = namedPlace(settings);
    if (named === undefined) throw new TypeError("The secret store is not known yet.");
    const { toPlace, toAccess, accessName = named.kind }: StoreKind = storeKinds[named.kind];
    try {
      const access = toAccess(configured[accessName] ?? {});
      return openPlace(toPlace(named.members), { ...access, vault: { ...access.vault, sessions }, environment });
    } catch (error) {
      throw error instanceof MissingSettingError ? explainMissing(error, accessName) : error;
    }
  };
  return { open, close: () => sessions.close() };
}

/** What is missing, in the words of a configuration. */
function explainMissing({ missing }: MissingSettingError, accessName: string): AttributeError {
  const { what, setting, variable } = missing;
  const name = setting.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const advice = `Set "secret_stores.${accessName}.${name}" in the provider block, or the environment variable ${variable}.`;
  return new AttributeError(attributePath("secret_store"), `Missing ${what}`, advice);
}

function readSettings(stores: StoresConfig): StoresSettings | undefined {
  if (isUnknown(stores)) return undefined;
  const settings: [string, Members][] = [];
  for (const [kind, configured] of Object.entries(stores ?? {})) {
    if (isUnknown(configured)) return undefined;
    const members = membersOf(configured ?? {});
    if (members === undefined) return undefined;
    settings.push([kind, members]);
  }
  return Object.fromEntries(settings);
}

/** The members of an object as texts; undefined while one is unknown. */
function membersOf(object: object): Members | undefined {
  const members: [string, string | null][] = [];
  for (const [name, value] of Object.entries(object)) {
    if (isUnknown(value)) return undefined;
    if (typeof value !== "object" || value === null) {
      members.push([name, value === null ? null : String(value)]);
      continue;
    }
    const inner = membersOf(value);
    if (inner === undefined) return undefined;
    members.push(
      [name, ""],
      ...Object.entries(inner).map(([own, text]) => [`${name}.${own}`, text] as [string, string | null]),
    );
  }
  return Object.fromEntries(members);
}
