/** Every kind of secret store in one table: how a place is named, found again by its URI, and opened. */
import type { AwsAccess } from "./aws/aws-access.ts";
import { awsSecretsManagerKind, awsSsmKind } from "./aws/aws-kinds.ts";
import { azureKind } from "./azure/azure-kind.ts";
import { commandKind } from "./command/command-kind.ts";
import { fileKind } from "./file/file-kind.ts";
import { githubActionsKind } from "./github/github-kind.ts";
import { googleKind } from "./google/google-kind.ts";
import { kubernetesKind } from "./kubernetes/kubernetes-kind.ts";
import { MissingSettingError } from "./missing-setting-error.ts";
import type { SecretStore } from "./secret-store.ts";
import { SecretStoreError } from "./secret-store-error.ts";
import type { Environment, SecretStoreKind } from "./secret-store-kind.ts";
import { vaultKind } from "./vault/vault-kind.ts";

/** The table: a kind that is added is one line here, and its types follow. */
const kinds = {
  awsSecretsManager: awsSecretsManagerKind,
  awsSsm: awsSsmKind,
  azureKeyVault: azureKind,
  command: commandKind,
  file: fileKind,
  githubActions: githubActionsKind,
  googleSecretManager: googleKind,
  kubernetes: kubernetesKind,
  vault: vaultKind,
} as const;

/** The name of a kind of secret store. */
export type SecretStoreKindName = keyof typeof kinds;

type Places = { readonly [Name in SecretStoreKindName]: Parameters<(typeof kinds)[Name]["destinationOf"]>[0] };
type Accesses = { readonly [Name in SecretStoreKindName]: Parameters<(typeof kinds)[Name]["open"]>[1] };
type Settings = { readonly [Name in SecretStoreKindName]?: Partial<Accesses[Name]> };

/** A place in a secret store: exactly one member, named after the kind of the store. It is no secret itself. */
export type SecretStorePlace = {
  [Name in SecretStoreKindName]: { readonly [Own in Name]: Places[Own] };
}[SecretStoreKindName];

/** How the stores are reached and as whom. What a store's own client finds in its usual ways may be left out. */
export type SecretStoreAccess = Omit<Settings, "awsSecretsManager" | "awsSsm" | "file"> & {
  /** Both stores of AWS. */
  readonly aws?: AwsAccess;
  /**
   * Where settings come from that are left out, such as `process.env`: mostly the variables that each store's own tools read.
   * Default: none.
   */
  readonly environment?: Environment;
};

/** The URI of a place, such as `vault://kv/ci/orgtokens#token`. Opens nothing. Two places with one URI are the same place. */
export function destinationOf(place: SecretStorePlace): string {
  return ofItsKind(place, destinationOfKind);
}

/** The place that a URI names; undefined when no kind of store has such URIs. */
export function parseDestination(destination: string): SecretStorePlace | undefined {
  for (const name of names) {
    const place = table[name].parseDestination(destination);
    if (place !== undefined) return { [name]: place } as SecretStorePlace;
  }
  return undefined;
}

/**
 * Opens a place. Connects to nothing yet; the client of the store is loaded when it is first used.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when the place or what reaches it cannot be used; MissingSettingError
 *   when something that it takes to reach the store is neither set nor in the environment.
 */
export function openSecretStore(place: SecretStorePlace, access: SecretStoreAccess = {}): SecretStore {
  return ofItsKind(place, (name, places) => openKind(name, places, access));
}

/**
 * Opens the place that a URI names.
 * @throws SecretStoreError `secret_store_invalid_argument` also when no kind of store has such URIs; MissingSettingError
 */
export function openDestination(destination: string, access: SecretStoreAccess = {}): SecretStore {
  const place = parseDestination(destination);
  if (place !== undefined) return openSecretStore(place, access);
  const message = `${destination} names no place in a secret store. Write it as in vault://kv/ci#token, file:///run/secrets/ci or command://pass/ci.`;
  throw new SecretStoreError("secret_store_invalid_argument", destination, message);
}

/** The same table, as it is read by a name that is not known before. */
const table: { readonly [Name in SecretStoreKindName]: SecretStoreKind<Places[Name], Accesses[Name]> } = kinds;

const names: readonly SecretStoreKindName[] = Object.keys(kinds).filter(isKindName);

function isKindName(name: string): name is SecretStoreKindName {
  return Object.hasOwn(kinds, name);
}

/** A place as one member of all that can be. */
type AnyPlace = Partial<Places>;

/** What `act` gives for the kind that the place is of; it gives undefined for each other. */
function ofItsKind<T>(place: SecretStorePlace, act: (name: SecretStoreKindName, place: AnyPlace) => T | undefined): T {
  for (const name of names) {
    const outcome = act(name, place);
    if (outcome !== undefined) return outcome;
  }
  throw new TypeError("A place must have one member, named after a kind of secret store.");
}

function destinationOfKind<Name extends SecretStoreKindName>(name: Name, place: AnyPlace): string | undefined {
  const own = place[name];
  return own === undefined ? undefined : table[name].destinationOf(own);
}

function openKind<Name extends SecretStoreKindName>(
  name: Name,
  place: AnyPlace,
  access: SecretStoreAccess,
): SecretStore | undefined {
  const own = place[name];
  if (own === undefined) return undefined;
  const kind = table[name];
  const read = kind.readAccess(settingsOf(access)[name] ?? {}, access.environment ?? {});
  if ("missing" in read) throw new MissingSettingError(kind.destinationOf(own), read.missing);
  return kind.open(own, read.access);
}

/** The settings by the names of the kinds: stores of one vendor have them together. */
function settingsOf({ aws, environment: _, ...access }: SecretStoreAccess): Settings {
  return { ...access, ...(aws === undefined ? {} : { awsSecretsManager: aws, awsSsm: aws }) };
}
