import type { SecretStoreAccess, SecretStorePlace } from "@orgtokens/sdk/secret-stores";
import type { Attributes } from "../framework/index.ts";

/** The members of an object of texts, as the schema has checked it. */
export type Members = { readonly [name: string]: string | null };

/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the provider does for one kind of secret store, beside its attributes. */
export type StoreKind = {
  /** The member of `secret_stores` that says how it is reached. Default: the name of the kind. */
  readonly accessName?: string;
  /** The attributes of a place without their defaults: what a function or an ephemeral resource checks by. */
  readonly placeAttributes: Attributes;
  /** The place in the words of the SDK. Members that have a default may be null. */
  readonly toPlace: (members: Members) => SecretStorePlace;
  /** The members of a place of this kind, defaults included; undefined when the place is of another kind. */
  readonly toMembers: (place: SecretStorePlace) => Members | undefined;
  /**
   * How the store is reached: what `secret_stores` of the provider block says, and the environment for what it leaves out.
   * Undefined when something is missing that the store's own client does not find either.
   */
  readonly readAccess: (configured: Members, environment: Environment) => SecretStoreAccess | undefined;
  /** What is missing when {@link readAccess} gives nothing, such as "address of Vault", and a sentence on how to set it. */
  readonly explainMissing: (configured: Members, environment: Environment) => MissingAccess;
};

/** What a store needs and does not have. */
export type MissingAccess = { readonly what: string; readonly advice: string };

/** A member that the schema requires. */
export function memberOf(members: Members, name: string): string {
  const value = members[name] ?? null;
  if (value === null) throw new TypeError(`The place has no ${name}.`);
  return value;
}
