/** Places where secrets are kept, and what a backend for another kind of place is written with. */
export type { AwsAccess } from "./aws/aws-access.ts";
export {
  type AwsSecretsManagerPlace,
  type AwsSecretsManagerSecretStoreOptions,
  awsSecretsManagerDestination,
  openAwsSecretsManagerSecretStore,
  parseAwsSecretsManagerDestination,
} from "./aws/aws-secrets-manager.ts";
export {
  type AwsSsmPlace,
  type AwsSsmSecretStoreOptions,
  awsSsmDestination,
  openAwsSsmSecretStore,
  parseAwsSsmDestination,
} from "./aws/aws-ssm.ts";
export type { AzureAccess } from "./azure/azure-access.ts";
export {
  type AzurePlace,
  type AzureSecretStoreOptions,
  azureDestination,
  openAzureSecretStore,
  parseAzureDestination,
} from "./azure/azure-key-vault.ts";
export {
  type CommandPlace,
  type CommandSecretStoreOptions,
  commandDestination,
  openCommandSecretStore,
  parseCommandDestination,
} from "./command/command.ts";
export type { CommandAccess, CommandProgram, CommandPrograms } from "./command/command-programs.ts";
export type { DriverWrite, SecretStoreDriver } from "./driver.ts";
export {
  type EntryOwner,
  type EntryToken,
  type EntryTokenMembers,
  entryTokenOf,
  isFingerprint,
  isId,
  parseEntryToken,
} from "./entry-owner.ts";
export {
  type FileSecretStoreOptions,
  fileDestination,
  openFileSecretStore,
  parseFileDestination,
} from "./file/file.ts";
export type { GitHubAccess, GitHubApp } from "./github/github-access.ts";
export { type GitHubActionsSecretStoreOptions, openGitHubActionsSecretStore } from "./github/github-actions.ts";
export {
  type GitHubActionsPlace,
  type GitHubVisibility,
  gitHubActionsDestination,
  parseGitHubActionsDestination,
} from "./github/github-place.ts";
export type { GoogleAccess } from "./google/google-access.ts";
export {
  type GooglePlace,
  type GoogleSecretStoreOptions,
  googleDestination,
  openGoogleSecretStore,
  parseGoogleDestination,
} from "./google/google-secret-manager.ts";
export {
  type KubernetesPlace,
  type KubernetesSecretStoreOptions,
  kubernetesDestination,
  openKubernetesSecretStore,
  parseKubernetesDestination,
} from "./kubernetes/kubernetes.ts";
export type { KubernetesAccess, UsualPlaces } from "./kubernetes/kubernetes-access.ts";
export { MissingSettingError } from "./missing-setting-error.ts";
export { dropRevealingVariables, revealingVariables } from "./revealing-variables.ts";
export {
  conflict,
  createSecretStore,
  occupied,
  requireReplaceable,
  type SecretStore,
  type StoreCallOptions,
  type StoredEntry,
  type StoredReceipt,
  type StoreWriteOptions,
} from "./secret-store.ts";
export { SecretStoreError, type SecretStoreErrorCode } from "./secret-store-error.ts";
export type { Environment, MissingSetting } from "./secret-store-kind.ts";
export {
  destinationOf,
  openDestination,
  openSecretStore,
  parseDestination,
  type SecretStoreAccess,
  type SecretStoreKindName,
  type SecretStorePlace,
} from "./secret-store-place.ts";
export {
  openVaultSecretStore,
  parseVaultDestination,
  type VaultPlace,
  type VaultSecretStoreOptions,
  vaultDestination,
} from "./vault/vault.ts";
export type {
  VaultAccess,
  VaultAppRoleLogin,
  VaultJwtLogin,
  VaultLogin,
  VaultTls,
} from "./vault/vault-access.ts";
export { VaultSessions } from "./vault/vault-sessions.ts";
