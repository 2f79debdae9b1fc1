import { attribute, lengthBetween } from "../framework/index.ts";
import { memberOf, type StoreKind } from "./store-kind.ts";
import { noControlCharacters } from "./texts.ts";
import { toVaultAccess } from "./vault-access.ts";

const defaultKey = "token";
const key = {
  optional: true,
  description: `The key inside the secret; other keys are kept. Default: \`${defaultKey}\`.`,
  validators: [lengthBetween(1, 100), noControlCharacters],
} as const;

/** Where an entry of Vault is; without the default of its key. */
export const vaultAttributes = {
  mount: attribute.string({
    required: true,
    description: "Where the secrets engine is mounted, such as `kv`.",
    validators: [lengthBetween(1, 100), noControlCharacters],
  }),
  path: attribute.string({
    required: true,
    description: "Path of the secret inside the mount, such as `ci/orgtokens`.",
    validators: [lengthBetween(1, 300), noControlCharacters],
  }),
  key: attribute.string(key),
};

const description =
  "A HashiCorp Vault or OpenBao KV version 2 secrets engine. How Vault is reached, and as whom, comes from `secret_stores.vault` of the provider.";

/** An entry of Vault. */
export const vaultPlace = attribute.single({
  optional: true,
  description,
  attributes: { ...vaultAttributes, key: attribute.string({ ...key, default: defaultKey }) },
});

/** The same without defaults, as ephemeral resources have to have it. */
export const vaultPlaceWithoutDefaults = attribute.single({ optional: true, description, attributes: vaultAttributes });

export const vaultKind: StoreKind = {
  placeAttributes: vaultAttributes,
  toPlace: (members) => ({
    vault: { mount: memberOf(members, "mount"), path: memberOf(members, "path"), key: members["key"] ?? defaultKey },
  }),
  toMembers: (place) => ("vault" in place ? { ...place.vault } : undefined),
  toAccess: (configured) => ({ vault: toVaultAccess(configured) }),
};
