import type { ApiTokenSecretStore } from "@orgtokens/cdktn/bindings";

/** Where a token's secret is kept: exactly one member, named after the kind of the store. */
export type SecretStore = ApiTokenSecretStore;

type Kinds = { readonly [Kind in keyof ApiTokenSecretStore]-?: NonNullable<ApiTokenSecretStore[Kind]> };
type MakerOf = { readonly [Kind in keyof Kinds]: (place: Kinds[Kind]) => SecretStore };

/**
 * Places in secret stores, one function per kind.
 *
 * @example SecretStore.vault({ mount: "kv", path: "ci/orgtokens", key: "token" })
 */
export const SecretStore: MakerOf = {
  awsSecretsManager: (awsSecretsManager) => ({ awsSecretsManager }),
  awsSsm: (awsSsm) => ({ awsSsm }),
  azureKeyVault: (azureKeyVault) => ({ azureKeyVault }),
  command: (command) => ({ command }),
  file: (file) => ({ file }),
  githubActions: (githubActions) => ({ githubActions }),
  googleSecretManager: (googleSecretManager) => ({ googleSecretManager }),
  kubernetes: (kubernetes) => ({ kubernetes }),
  vault: (vault) => ({ vault }),
};
