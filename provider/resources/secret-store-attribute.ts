import { attribute, exactlyOneOf, lengthBetween, pattern } from "../framework/index.ts";

const noControlCharacters = pattern(/^[^\p{Cc}]+$/u, "not contain control characters");

/** Where a secret file is. */
export const fileAttributes = {
  path: attribute.string({
    required: true,
    description: "Path of the file. A relative one starts at the working directory. Missing folders are created.",
    validators: [lengthBetween(1, 400), noControlCharacters],
  }),
};

/** Where an entry of Vault is, but for its key. */
export const vaultAttributes = {
  mount: attribute.string({
    required: true,
    description: "Where the secrets engine is mounted, such as `kv`.",
    validators: [lengthBetween(1, 100), noControlCharacters],
  }),
  path: attribute.string({
    required: true,
    description: "Path of the secret inside the mount, such as `ci/orgtokens`. The whole entry belongs to the token.",
    validators: [lengthBetween(1, 300), noControlCharacters],
  }),
};

/** The key inside an entry of Vault. */
export const vaultKey = {
  name: "token",
  description: "The key inside the secret. Default: `token`.",
  validators: [lengthBetween(1, 100), noControlCharacters],
} as const;

/** Where a token's secret is kept: exactly one of the stores. */
export const secretStoreAttribute = attribute.single({
  required: true,
  nullable: true,
  description:
    "Where the secret is written: exactly one secret store. Changing it rotates the token in place: a new secret goes to the new place, and the old entry is deleted.",
  validators: [exactlyOneOf("file", "vault")],
  attributes: {
    file: attribute.single({
      optional: true,
      description:
        "A local file, for development. It is readable by its owner only and holds the secret and nothing else; its metadata lies beside it in `<path>.orgtokens.json`.",
      attributes: fileAttributes,
    }),
    vault: attribute.single({
      optional: true,
      description:
        "A HashiCorp Vault or OpenBao KV version 2 secrets engine. Address and token come from `secret_stores.vault` of the provider.",
      attributes: {
        ...vaultAttributes,
        key: attribute.string({
          optional: true,
          default: vaultKey.name,
          description: vaultKey.description,
          validators: vaultKey.validators,
        }),
      },
    }),
  },
});

/** A store as the attribute names it. Exactly one member is set, as the schema's validators demand. */
export type SecretStoreSettings = {
  readonly file: { readonly path: string } | null;
  readonly vault: { readonly mount: string; readonly path: string; readonly key: string } | null;
};
