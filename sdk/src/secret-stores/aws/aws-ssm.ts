import { formatDestination, parseDestinationParts } from "../destination-uri.ts";
import { createSecretStore, type SecretStore } from "../secret-store.ts";
import { SecretStoreError } from "../secret-store-error.ts";
import { type AwsAccess, requireUsableAccess } from "./aws-access.ts";
import { SsmConnection } from "./aws-ssm-connection.ts";
import { SsmDriver } from "./aws-ssm-driver.ts";

/** A parameter of AWS Systems Manager Parameter Store. */
export type AwsSsmPlace = {
  /** Such as `eu-central-1`. */
  readonly region: string;
  /** Path of the parameter, such as `/ci/orgtokens`. The slash at its start may be left out. */
  readonly path: string;
};

/** How AWS is reached, and which place. */
export type AwsSsmSecretStoreOptions = AwsAccess & AwsSsmPlace;

/** URI of a place: `aws-ssm://eu-central-1/ci/orgtokens`. */
export function awsSsmDestination({ region, path }: AwsSsmPlace): string {
  return formatDestination("aws-ssm", [region, ...path.replace(/^\//, "").split("/")]);
}

/** The place a URI names; undefined when it names none. */
export function parseAwsSsmDestination(destination: string): AwsSsmPlace | undefined {
  const { segments: [region, ...path] = [], key } = parseDestinationParts("aws-ssm", destination) ?? {};
  if (region === undefined || path.length === 0 || key !== undefined) return undefined;
  return { region, path: `/${path.join("/")}` };
}

/**
 * Opens a parameter of AWS Systems Manager as the place of one secret. It is a `SecureString`; metadata is a tag. AWS has no
 * conditional overwrite of a parameter: writers at once are found out by the version that AWS answers with, after the fact.
 *
 * @throws SecretStoreError `secret_store_invalid_argument` when region, path or access cannot be used.
 */
export function openAwsSsmSecretStore(options: AwsSsmSecretStoreOptions): SecretStore {
  const { region, path, ...access } = options;
  const segments = path.replace(/^\//, "").split("/");
  const refuse = (message: string): never => {
    const shown = `aws-ssm://${encodeURIComponent(region.toWellFormed())}`;
    throw new SecretStoreError("secret_store_invalid_argument", shown, message);
  };
  if (path.length > 512 || segments.length > 15 || segments.some((segment) => !/^[A-Za-z0-9_.-]+$/.test(segment))) {
    refuse(
      "The path of a parameter must be at most 15 names of letters, digits and the characters _.-, separated by single slashes.",
    );
  }
  if (/^(?:aws|ssm)/i.test(segments[0] ?? "")) refuse("AWS keeps paths that begin with aws or ssm for itself.");
  const place = { region, path: `/${segments.join("/")}` };
  const destination = awsSsmDestination(place);
  requireUsableAccess(access, region, destination);
  return createSecretStore(new SsmDriver(destination, new SsmConnection(access, place, destination)));
}
