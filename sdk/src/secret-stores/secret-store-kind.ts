import type { SecretStore } from "./secret-store.ts";

/** The environment variables that a store's settings may come from. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One kind of secret store: how its places are named, found again by their URIs, reached and opened. */
export type SecretStoreKind<Place extends object, Access extends object> = {
  /** The URI of a place. */
  readonly destinationOf: (place: Place) => string;
  /** The place that a URI names; undefined when it is none of this kind. */
  readonly parseDestination: (destination: string) => Place | undefined;
  /**
   * How the store is reached: what is set, and the environment for what is left out. Pure: opens no file. What the store's own
   * client finds by itself is left to it.
   */
  readonly readAccess: (settings: Partial<Access>, environment: Environment) => ReadAccess<Access>;
  /** @throws SecretStoreError `secret_store_invalid_argument` when the place or what reaches it cannot be used. */
  readonly open: (place: Place, access: Access) => SecretStore;
};

/** How a store is reached, or what is missing for that. */
export type ReadAccess<Access> = { readonly access: Access } | { readonly missing: MissingSetting };

/** What a store needs and neither settings nor environment have. */
export type MissingSetting = {
  /** Such as `address of Vault`. */
  readonly what: string;
  /** The member of the access, such as `address`. */
  readonly setting: string;
  /** The environment variable that gives it, such as `VAULT_ADDR`. */
  readonly variable: string;
};

/** A number of hours that a variable gives, in milliseconds: not a number when it gives something else, which the store refuses. */
export function readHoursMs(environment: Environment, variable: string): number | undefined {
  const hours = environment[variable];
  return hours === undefined || hours === "" ? undefined : Number(hours) * 3_600_000;
}
