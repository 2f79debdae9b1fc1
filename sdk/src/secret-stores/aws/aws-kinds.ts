import type { Environment, SecretStoreKind } from "../secret-store-kind.ts";
import type { AwsAccess } from "./aws-access.ts";
import {
  type AwsSecretsManagerPlace,
  awsSecretsManagerDestination,
  openAwsSecretsManagerSecretStore,
  parseAwsSecretsManagerDestination,
} from "./aws-secrets-manager.ts";
import { type AwsSsmPlace, awsSsmDestination, openAwsSsmSecretStore, parseAwsSsmDestination } from "./aws-ssm.ts";

const reached = {
  readAccess: (settings: AwsAccess, environment: Environment) => ({ access: readAwsAccess(settings, environment) }),
} as const;

/** AWS Secrets Manager. */
export const awsSecretsManagerKind = {
  ...reached,
  destinationOf: awsSecretsManagerDestination,
  parseDestination: parseAwsSecretsManagerDestination,
  open: (place, access) => openAwsSecretsManagerSecretStore({ ...access, ...place }),
} as const satisfies SecretStoreKind<AwsSecretsManagerPlace, AwsAccess>;

/** AWS Systems Manager Parameter Store. */
export const awsSsmKind = {
  ...reached,
  destinationOf: awsSsmDestination,
  parseDestination: parseAwsSsmDestination,
  open: (place, access) => openAwsSsmSecretStore({ ...access, ...place }),
} as const satisfies SecretStoreKind<AwsSsmPlace, AwsAccess>;

/**
 * What the client of AWS does not find by itself: how new secrets and parameters are made. Profile, keys, role and endpoint are
 * found by the client, in the variables and files that every tool of AWS reads.
 */
function readAwsAccess(settings: AwsAccess, environment: Environment): AwsAccess {
  const kmsKeyId = settings.kmsKeyId ?? environment["ORGTOKENS_AWS_KMS_KEY_ID"];
  const tier = settings.tier ?? environment["ORGTOKENS_AWS_SSM_TIER"];
  const days = environment["ORGTOKENS_AWS_RECOVERY_WINDOW_DAYS"];
  const recoveryWindowDays = settings.recoveryWindowDays ?? (days ? Number(days) : undefined);
  return {
    ...settings,
    ...(kmsKeyId ? { kmsKeyId } : {}),
    ...(tier ? { tier } : {}),
    ...(recoveryWindowDays === undefined ? {} : { recoveryWindowDays }),
  };
}
