/** Every kind of secret store in one table: how a place is named, found again by its URI, and opened. */
import type { AwsAccess } from "./aws/aws-access.ts";
import {
  type AwsSecretsManagerPlace,
  awsSecretsManagerDestination,
  openAwsSecretsManagerSecretStore,
  parseAwsSecretsManagerDestination,
} from "./aws/aws-secrets-manager.ts";
import { type AwsSsmPlace, awsSsmDestination, openAwsSsmSecretStore, parseAwsSsmDestination } from "./aws/aws-ssm.ts";
import {
  type CommandPlace,
  commandDestination,
  openCommandSecretStore,
  parseCommandDestination,
} from "./command/command.ts";
import type { CommandAccess } from "./command/command-programs.ts";
import {
  type FileSecretStoreOptions,
  fileDestination,
  openFileSecretStore,
  parseFileDestination,
} from "./file/file.ts";
import type { GoogleAccess } from "./google/google-connection.ts";
import {
  type GooglePlace,
  googleDestination,
  openGoogleSecretStore,
  parseGoogleDestination,
} from "./google/google-secret-manager.ts";
import {
  type KubernetesPlace,
  kubernetesDestination,
  openKubernetesSecretStore,
  parseKubernetesDestination,
} from "./kubernetes/kubernetes.ts";
import type { KubernetesAccess } from "./kubernetes/kubernetes-access.ts";
import type { SecretStore } from "./secret-store.ts";
import { SecretStoreError } from "./secret-store-error.ts";
import { openVaultSecretStore, parseVaultDestination, type VaultPlace, vaultDestination } from "./vault/vault.ts";
import type { VaultAccess } from "./vault/vault-connection.ts";

/** A place in a secret store: exactly one member, named after the kind of the store. It is no secret itself. */
export type SecretStorePlace =
  | { readonly awsSecretsManager: AwsSecretsManagerPlace }
  | { readonly awsSsm: AwsSsmPlace }
  | { readonly command: CommandPlace }
  | { readonly file: FileSecretStoreOptions }
  | { readonly googleSecretManager: GooglePlace }
  | { readonly kubernetes: KubernetesPlace }
  | { readonly vault: VaultPlace };

/** The name of a kind of secret store. */
export type SecretStoreKindName = SecretStorePlace extends infer Place
  ? Place extends unknown
    ? keyof Place
    : never
  : never;

/** How the stores are reached and as whom. What a store's own client finds in its usual ways may be left out. */
export type SecretStoreAccess = {
  readonly aws?: AwsAccess;
  readonly command?: CommandAccess;
  readonly kubernetes?: KubernetesAccess;
  readonly vault?: VaultAccess;
  readonly googleSecretManager?: GoogleAccess;
};

/** The URI of a place, such as `vault://kv/ci/orgtokens#token`. Opens nothing. Two places with one URI are the same place. */
export function destinationOf(place: SecretStorePlace): string {
  if ("awsSecretsManager" in place) return awsSecretsManagerDestination(place.awsSecretsManager);
  if ("awsSsm" in place) return awsSsmDestination(place.awsSsm);
  if ("command" in place) return commandDestination(place.command);
  if ("file" in place) return fileDestination(place.file);
  if ("googleSecretManager" in place) return googleDestination(place.googleSecretManager);
  if ("kubernetes" in place) return kubernetesDestination(place.kubernetes);
  return vaultDestination(place.vault);
}

/** The place that a URI names; undefined when no kind of store has such URIs. */
export function parseDestination(destination: string): SecretStorePlace | undefined {
  for (const parse of parsers) {
    const place = parse(destination);
    if (place !== undefined) return place;
  }
  return undefined;
}

const parsers: readonly ((destination: string) => SecretStorePlace | undefined)[] = [
  (destination) => wrap(parseAwsSsmDestination(destination), (awsSsm) => ({ awsSsm })),
  (destination) => wrap(parseAwsSecretsManagerDestination(destination), (awsSecretsManager) => ({ awsSecretsManager })),
  (destination) => wrap(parseCommandDestination(destination), (command) => ({ command })),
  (destination) => wrap(parseFileDestination(destination), (file) => ({ file })),
  (destination) => wrap(parseKubernetesDestination(destination), (kubernetes) => ({ kubernetes })),
  (destination) => wrap(parseVaultDestination(destination), (vault) => ({ vault })),
  (destination) => wrap(parseGoogleDestination(destination), (place) => ({ googleSecretManager: place })),
];

/**
 * Opens a place. Connects to nothing yet; the client of the store is loaded when it is first used.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when the place or what reaches it cannot be used.
 */
export function openSecretStore(place: SecretStorePlace, access: SecretStoreAccess = {}): SecretStore {
  if ("awsSecretsManager" in place)
    return openAwsSecretsManagerSecretStore({ ...access.aws, ...place.awsSecretsManager });
  if ("awsSsm" in place) return openAwsSsmSecretStore({ ...access.aws, ...place.awsSsm });
  if ("command" in place) {
    if (access.command === undefined) throw missingAccess(place, "the programs and their environment");
    return openCommandSecretStore({ ...place.command, ...access.command });
  }
  if ("file" in place) return openFileSecretStore(place.file);
  if ("googleSecretManager" in place)
    return openGoogleSecretStore({ ...place.googleSecretManager, ...access.googleSecretManager });
  if ("kubernetes" in place) return openKubernetesSecretStore({ ...place.kubernetes, ...access.kubernetes });
  if (access.vault === undefined) throw missingAccess(place, "the address and the token of Vault");
  return openVaultSecretStore({ ...place.vault, ...access.vault });
}

/**
 * Opens the place that a URI names.
 * @throws SecretStoreError `secret_store_invalid_argument` also when no kind of store has such URIs.
 */
export function openDestination(destination: string, access: SecretStoreAccess = {}): SecretStore {
  const place = parseDestination(destination);
  if (place !== undefined) return openSecretStore(place, access);
  const message = `${destination} names no place in a secret store. Write it as in vault://kv/ci#token, file:///run/secrets/ci or command://pass/ci.`;
  throw new SecretStoreError("secret_store_invalid_argument", destination, message);
}

function missingAccess(place: SecretStorePlace, what: string): SecretStoreError {
  const destination = destinationOf(place);
  const message = `To open ${destination}, ${what} must be given.`;
  return new SecretStoreError("secret_store_invalid_argument", destination, message);
}

function wrap<Place>(
  place: Place | undefined,
  named: (place: Place) => SecretStorePlace,
): SecretStorePlace | undefined {
  return place === undefined ? undefined : named(place);
}
