import type { VaultAccess } from "@orgtokens/sdk/secret-stores";
import { attribute, lengthBetween } from "../framework/index.ts";
import { memberOf, type StoreKind, textsOf } from "./store-kind.ts";
import { isUrl, noControlCharacters } from "./texts.ts";

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
  "A HashiCorp Vault or OpenBao KV version 2 secrets engine. Address and token come from `secret_stores.vault` of the provider.";

/** An entry of Vault. */
export const vaultPlace = attribute.single({
  optional: true,
  description,
  attributes: { ...vaultAttributes, key: attribute.string({ ...key, default: defaultKey }) },
});

/** The same without defaults, as ephemeral resources have to have it. */
export const vaultPlaceWithoutDefaults = attribute.single({ optional: true, description, attributes: vaultAttributes });

/** How Vault is reached. */
export const vaultAccess = attribute.single({
  optional: true,
  description: "HashiCorp Vault or OpenBao.",
  attributes: {
    address: attribute.string({
      optional: true,
      description: "Address, such as `https://vault:8200`. Or `VAULT_ADDR`.",
      validators: [isUrl],
    }),
    token: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "A token that may read and write metadata and write data below the mount; one that may read metadata is enough for a plan. Or `VAULT_TOKEN`.",
      validators: [lengthBetween(1, 4096)],
    }),
    namespace: attribute.string({
      optional: true,
      description: "Namespace. Or `VAULT_NAMESPACE`.",
      validators: [lengthBetween(1, 400)],
    }),
  },
});

export const vaultKind: StoreKind = {
  placeAttributes: vaultAttributes,
  toPlace: (members) => ({
    vault: { mount: memberOf(members, "mount"), path: memberOf(members, "path"), key: members["key"] ?? defaultKey },
  }),
  toMembers: (place) => ("vault" in place ? { ...place.vault } : undefined),
  toAccess: (configured) => ({ vault: textsOf(configured, names) }),
};

const names = { address: "address", token: "token", namespace: "namespace" } as const satisfies {
  readonly [Name in keyof VaultAccess]?: string;
};
