import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import { createSecretStore, type SecretStore } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { type AwsAccess, requireUsableAccess } from "./aws-access.ts";
import { markTagOf } from "./aws-entry-mark.ts";
import { SecretsManagerConnection } from "./aws-secrets-manager-connection.ts";
import { SecretsManagerDriver } from "./aws-secrets-manager-driver.ts";

/** A secret of AWS Secrets Manager, or one key of it. */
export type AwsSecretsManagerPlace = {
  /** Such as `eu-central-1`. */
  readonly region: string;
  /** Name of the secret, such as `ci/orgtokens`. */
  readonly name: string;
  /**
   * Key of the JSON object that the secret holds; other keys are kept, so a write needs the right to read the value. Without a
   * key the whole secret belongs to the token, and no right to read is needed.
   */
  readonly key?: string;
};

/** How AWS is reached, and which place. */
export type AwsSecretsManagerSecretStoreOptions = AwsAccess & AwsSecretsManagerPlace;

/** URI of a place: `aws-secrets-manager://eu-central-1/ci/orgtokens`, with a key `...#token`. */
export function awsSecretsManagerDestination({ region, name, key }: AwsSecretsManagerPlace): string {
  return formatDestination("aws-secrets-manager", [region, ...name.split("/")], key);
}

/** The place a URI names; undefined when it names none. */
export function parseAwsSecretsManagerDestination(destination: string): AwsSecretsManagerPlace | undefined {
  const { segments: [region, ...name] = [], key } = parseDestinationParts("aws-secrets-manager", destination) ?? {};
  if (region === undefined || name.length === 0) return undefined;
  return { region, name: name.join("/"), ...(key === undefined ? {} : { key }) };
}

/**
 * Opens a secret of AWS Secrets Manager as the place of one secret. Metadata is a tag. A new version becomes `AWSCURRENT` only if
 * the version it replaces still is (check-and-set); that one becomes `AWSPREVIOUS`, for as long as both tokens work.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when region, name, key or access cannot be used.
 */
export function openAwsSecretsManagerSecretStore(options: AwsSecretsManagerSecretStoreOptions): SecretStore {
  const { region, name, key, ...access } = options;
  const refuse = (message: string): never => {
    const shown = `aws-secrets-manager://${encodeURIComponent(region.toWellFormed())}`;
    throw new SecretStoreError("secret_store_invalid_argument", shown, message);
  };
  if (
    !/^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name) ||
    name.split("/").some((segment) => ["", ".", ".."].includes(segment))
  ) {
    refuse(
      "The name of a secret of AWS must be letters, digits and the characters _+=.@-, in names separated by single slashes.",
    );
  }
  if (key !== undefined && (key === "" || !key.isWellFormed() || /\p{Cc}/u.test(key) || markTagOf(key).length > 128)) {
    refuse(
      "The key must be 1 to 118 characters that a tag of AWS can have, without control characters; others count as three or more.",
    );
  }
  const place = { region, name, ...(key === undefined ? {} : { key }) };
  const destination = awsSecretsManagerDestination(place);
  requireUsableAccess(access, region, destination);
  return createSecretStore(
    new SecretsManagerDriver(destination, key, new SecretsManagerConnection(access, region, name, destination)),
  );
}
