/** The place of a secret as a configuration writes it: one table of kinds, and what is done with any of them. */
import {
  destinationOf as destinationOfPlace,
  parseDestination,
  type SecretStorePlace,
} from "@orgtokens/sdk/secret-stores";
import { attribute, exactlyOneOf, isUnknown, type Schema, type StateOf } from "../framework/index.ts";
import { awsAccess } from "./aws.ts";
import { awsSecretsManagerKind, awsSecretsManagerPlace } from "./aws-secrets-manager.ts";
import { awsSsmKind, awsSsmPlace } from "./aws-ssm.ts";
import { azureAccess, azureKind, azurePlace } from "./azure-key-vault.ts";
import { commandAccess, commandKind, commandPlace } from "./command.ts";
import { fileKind, filePlace } from "./file.ts";
import { githubAccess, githubActionsKind, githubActionsPlace } from "./github-actions.ts";
import { googleAccess, googleKind, googlePlace } from "./google-secret-manager.ts";
import { kubernetesAccess, kubernetesKind, kubernetesPlace, kubernetesPlaceWithoutDefaults } from "./kubernetes.ts";
import type { Members, StoreKind } from "./store-kind.ts";
import { vaultKind, vaultPlace, vaultPlaceWithoutDefaults } from "./vault.ts";
import { vaultAccess } from "./vault-access.ts";

/** Every kind of secret store, by the name of its member. */
export const storeKinds = {
  aws_secrets_manager: awsSecretsManagerKind,
  aws_ssm: awsSsmKind,
  azure_key_vault: azureKind,
  command: commandKind,
  file: fileKind,
  github_actions: githubActionsKind,
  google_secret_manager: googleKind,
  kubernetes: kubernetesKind,
  vault: vaultKind,
} as const satisfies {
  readonly [name: string]: StoreKind;
};

/** The name of a kind. */
export type StoreKindName = keyof typeof storeKinds;

/** The names of all kinds. */
export const storeKindNames: readonly StoreKindName[] = Object.keys(storeKinds).filter(isStoreKindName);

/** The places that a secret can be read from again. */
const readablePlaces = {
  aws_secrets_manager: awsSecretsManagerPlace,
  aws_ssm: awsSsmPlace,
  azure_key_vault: azurePlace,
  command: commandPlace,
  file: filePlace,
  google_secret_manager: googlePlace,
  kubernetes: kubernetesPlace,
  vault: vaultPlace,
};
const places = { ...readablePlaces, github_actions: githubActionsPlace };
const onlyOne = exactlyOneOf(...storeKindNames);

/** Where a token's secret is kept: exactly one of the stores. */
export const secretStoreAttribute = attribute.single({
  required: true,
  nullable: true,
  description:
    "Where the secret is written: exactly one secret store. Changing it rotates the token in place: a new secret goes to the new place, and the old entry is deleted.",
  validators: [onlyOne],
  attributes: places,
});

/** The same where an ephemeral resource reads. */
export const readSecretStoreAttribute = attribute.single({
  optional: true,
  description: "The place, as `orgtokens_api_token` has it. Exactly one of `destination` and `secret_store`.",
  validators: [exactlyOneOf(...Object.keys(readablePlaces))],
  attributes: { ...readablePlaces, kubernetes: kubernetesPlaceWithoutDefaults, vault: vaultPlaceWithoutDefaults },
});

/** How the stores are reached, in the provider block. */
export const secretStoresAttribute = attribute.single({
  optional: true,
  description:
    "How the secret stores are reached. What is left out comes from each store's usual environment variables.",
  attributes: {
    aws: awsAccess,
    azure: azureAccess,
    command: commandAccess,
    github: githubAccess,
    google_secret_manager: googleAccess,
    kubernetes: kubernetesAccess,
    vault: vaultAccess,
  },
});

/** A place as a configuration names it. Exactly one member is set, as the schema's validators demand. */
export type SecretStoreSettings = StateOf<Schema<typeof places>>;

/** A place at any stage: parts of it may be unknown, and members that have a default may be null. */
export type AnySecretStore = { readonly [Name in keyof typeof readablePlaces]: unknown } & {
  readonly [Name in StoreKindName]?: unknown;
};

/** The kind and the members of the place that settings name. Undefined while anything of it is unknown. */
export function namedPlace(
  settings: AnySecretStore,
): { readonly kind: StoreKindName; readonly members: Members } | undefined {
  for (const kind of storeKindNames) {
    const place = settings[kind] ?? null;
    if (isUnknown(place)) return undefined;
    if (place === null) continue;
    const members = knownMembers(place);
    return members === undefined ? undefined : { kind, members };
  }
  throw new TypeError("A secret store must be set.");
}

/** The place that settings name, for the SDK. */
export function placeOf(settings: AnySecretStore): SecretStorePlace {
  const named = namedPlace(settings);
  if (named === undefined) throw new TypeError("The secret store is not known yet.");
  return storeKinds[named.kind].toPlace(named.members);
}

/** The URI of the place that settings name. Opens nothing. */
export function destinationOf(settings: AnySecretStore): string {
  return destinationOfPlace(placeOf(settings));
}

/** Parses a URI: the settings of the place that it names; undefined when no store has such URIs. */
export function settingsOf(destination: string): SecretStoreSettings | undefined {
  const place = parseDestination(destination);
  if (place === undefined) return undefined;
  const members = storeKindNames.map((name) => [name, storeKinds[name].toMembers(place) ?? null] as const);
  return Object.fromEntries(members) as SecretStoreSettings;
}

/** Whether two settings of one place differ in what takes effect only when the secret is written again. */
export function mustRewrite(one: AnySecretStore, other: AnySecretStore): boolean {
  return storeKindNames.some((kind) => {
    const { rewrittenMembers = [] }: StoreKind = storeKinds[kind];
    const [before, after] = [one[kind] ?? null, other[kind] ?? null];
    if (rewrittenMembers.length === 0 || before === null || after === null || isUnknown(before) || isUnknown(after))
      return false;
    const [old, next] = [knownMembers(before), knownMembers(after)];
    return old === undefined || next === undefined || rewrittenMembers.some((name) => old[name] !== next[name]);
  });
}

/** Whether a text is the name of a kind. */
export function isStoreKindName(name: string): name is StoreKindName {
  return Object.hasOwn(storeKinds, name);
}

/** The members of a place, all of them texts or null; undefined while one is unknown. */
function knownMembers(place: unknown): Members | undefined {
  if (typeof place !== "object" || place === null) throw new TypeError("A place must be an object.");
  const entries: [string, string | null][] = [];
  for (const [name, value] of Object.entries(place)) {
    if (isUnknown(value)) return undefined;
    entries.push([name, typeof value === "string" ? value : null]);
  }
  return Object.fromEntries(entries);
}
