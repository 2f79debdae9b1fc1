import type { SecretStoreAccess, SecretStorePlace } from "@orgtokens/sdk/secret-stores";
import type { Attributes } from "../framework/index.ts";

/**
 * The members of an object as texts, as the schema has checked it. An object inside gives its own as `name.member`, and `name` as the
 * empty text.
 */
export type Members = { readonly [name: string]: string | null };

/** What the provider does for one kind of secret store, beside its attributes. */
export type StoreKind = {
  /** The member of `secret_stores` that says how it is reached. Default: the name of the kind. */
  readonly accessName?: string;
  /** The attributes of a place without their defaults: what a function or an ephemeral resource checks by. */
  readonly placeAttributes: Attributes;
  /** Members that are no part of the URI: a change of one takes effect when the secret is written again, so it rotates. */
  readonly rewrittenMembers?: readonly string[];
  /** The place in the words of the SDK. Members that have a default may be null. */
  readonly toPlace: (members: Members) => SecretStorePlace;
  /** The members of a place of this kind, defaults included; undefined when the place is of another kind. */
  readonly toMembers: (place: SecretStorePlace) => Members | undefined;
  /** What `secret_stores` of the provider block says, in the words of the SDK, which reads the rest from the environment. */
  readonly toAccess: (configured: Members) => SecretStoreAccess;
};

/** The members that are set, by the names that the SDK has for them. */
export function textsOf(
  members: Members,
  names: { readonly [name: string]: string },
): { readonly [name: string]: string } {
  const texts = Object.entries(names).flatMap(([name, own]) => {
    const value = members[own] ?? null;
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(texts);
}

/** A member that the schema requires. */
export function memberOf(members: Members, name: string): string {
  const value = members[name] ?? null;
  if (value === null) throw new TypeError(`The place has no ${name}.`);
  return value;
}
