import { SecretStoreError } from "../secret-store-error.ts";

/**
 * How AWS is reached and as whom. What is left out, the AWS SDK finds in its usual ways: environment variables, shared
 * configuration files, web identity, the metadata of a container or an instance.
 */
export type AwsAccess = {
  /** A profile of the shared configuration files. */
  readonly profile?: string;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** A role that is assumed with the credentials above, or with those that the SDK finds. */
  readonly roleArn?: string;
  /** Default: `orgtokens`. */
  readonly roleSessionName?: string;
  /** What the role's trust policy may demand. */
  readonly externalId?: string;
  /** Address of the service that keeps the secrets, such as that of a VPC endpoint. Default: the region's public one. */
  readonly endpoint?: string;
  /** Key that encrypts what is created. Default: the account's key for the service. */
  readonly kmsKeyId?: string;
  /** Days, 7 to 30, in which a deleted secret of Secrets Manager can be restored; 0 deletes at once. Default: 30. */
  readonly recoveryWindowDays?: number;
  /** Tier of a parameter: `Standard`, `Advanced` or `Intelligent-Tiering`. Default: the account's. */
  readonly tier?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
};

/**
 * Finds faults of the settings before anything is opened.
 * @throws SecretStoreError `secret_store_invalid_argument`; quotes nothing of the settings.
 */
export function requireUsableAccess(access: AwsAccess, region: string, destination: string): void {
  const { endpoint, accessKeyId, secretAccessKey, sessionToken, recoveryWindowDays: days, tier } = access;
  const url = endpoint === undefined ? undefined : URL.parse(endpoint);
  const faults = {
    "The region of AWS must be a name such as eu-central-1.": !/^[a-z]{2,12}(?:-[a-z0-9]{1,20}){1,4}$/.test(region),
    "The endpoint of AWS must be an http or https URL.":
      url !== undefined && !["http:", "https:"].includes(url?.protocol ?? ""),
    "An access key of AWS is two parts: set both its id and its secret.":
      (accessKeyId === undefined) !== (secretAccessKey === undefined),
    "A session token of AWS needs the access key that it belongs to.":
      sessionToken !== undefined && accessKeyId === undefined,
    "Set an access key or a profile of AWS, not both.": accessKeyId !== undefined && access.profile !== undefined,
    "The recovery window must be 0, or 7 to 30 days.":
      days !== undefined && days !== 0 && !(Number.isInteger(days) && days >= 7 && days <= 30),
    "The tier must be Standard, Advanced or Intelligent-Tiering.":
      tier !== undefined && !["Standard", "Advanced", "Intelligent-Tiering"].includes(tier),
  };
  const fault = Object.entries(faults).find(([, isWrong]) => isWrong)?.[0];
  if (fault !== undefined) throw new SecretStoreError("secret_store_invalid_argument", destination, fault);
}
