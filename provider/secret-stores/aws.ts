import type { AwsAccess, SecretStoreAccess } from "@orgtokens/sdk/secret-stores";
import { attribute, lengthBetween, oneOf, pattern } from "../framework/index.ts";
import { type Members, textsOf } from "./store-kind.ts";
import { isUrl, noControlCharacters } from "./texts.ts";

/** The member of `secret_stores` that both stores of AWS are reached by. */
export const awsAccessName = "aws";

const text = [lengthBetween(1, 2048), noControlCharacters];

/** The region of a place. */
export const awsRegion = attribute.string({
  required: true,
  description:
    "The region, such as `eu-central-1`. It is a part of the place, so no default of the environment counts.",
  validators: [pattern(/^[a-z]{2,12}(-[a-z0-9]{1,20}){1,4}$/, "be a region such as eu-central-1")],
});

/** How AWS is reached and as whom. */
export const awsAccess = attribute.single({
  optional: true,
  description:
    "AWS Secrets Manager and Parameter Store. What is left out is found as every tool of AWS finds it: environment, shared configuration files, web identity, metadata of the container or the instance.",
  attributes: {
    profile: attribute.string({
      optional: true,
      description: "A profile of the shared configuration files. Or `AWS_PROFILE`.",
      validators: text,
    }),
    access_key_id: attribute.string({
      optional: true,
      description: "Id of an access key, together with `secret_access_key`. Or `AWS_ACCESS_KEY_ID`.",
      validators: text,
    }),
    secret_access_key: attribute.string({
      optional: true,
      sensitive: true,
      description: "The secret of the access key. Or `AWS_SECRET_ACCESS_KEY`.",
      validators: text,
    }),
    session_token: attribute.string({
      optional: true,
      sensitive: true,
      description: "The session token of a temporary access key. Or `AWS_SESSION_TOKEN`.",
      validators: [lengthBetween(1, 8192)],
    }),
    role_arn: attribute.string({
      optional: true,
      description: "A role to assume with the credentials above, or with those that are found.",
      validators: [pattern(/^arn:[^\s:]+:iam::[0-9]{12}:role\/\S+$/, "be the ARN of a role")],
    }),
    role_session_name: attribute.string({
      optional: true,
      description: "What the audit trail of AWS calls the assumed role's session. Default: `orgtokens`.",
      validators: [pattern(/^[\w+=,.@-]{2,64}$/, "be 2 to 64 letters, digits and characters of _+=,.@-")],
    }),
    external_id: attribute.string({
      optional: true,
      description: "The external id that the role's trust policy demands.",
      validators: text,
    }),
    endpoint: attribute.string({
      optional: true,
      description: "Address of the service, such as that of a VPC endpoint. Or `AWS_ENDPOINT_URL`.",
      validators: [isUrl],
    }),
    kms_key_id: attribute.string({
      optional: true,
      description:
        "Id, ARN or alias of the KMS key that encrypts what is created. Or `ORGTOKENS_AWS_KMS_KEY_ID`. Default: the account's key for the service.",
      validators: text,
    }),
    tier: attribute.string({
      optional: true,
      description:
        "Tier of the parameters of Parameter Store. Or `ORGTOKENS_AWS_SSM_TIER`. Default: the account's. A parameter never goes back to a lower one.",
      validators: [oneOf("Standard", "Advanced", "Intelligent-Tiering")],
    }),
    recovery_window_days: attribute.string({
      optional: true,
      description:
        "Days, `7` to `30`, in which a deleted secret of Secrets Manager can be restored; `0` deletes at once. Or `ORGTOKENS_AWS_RECOVERY_WINDOW_DAYS`. Default: `30`.",
      validators: [oneOf("0", ...Array.from({ length: 24 }, (_, index) => String(index + 7)))],
    }),
  },
});

/** The access to AWS in the words of the SDK: what is configured, and nothing else. */
export function toAwsAccess(configured: Members): SecretStoreAccess {
  const days = configured["recovery_window_days"] ?? null;
  return { aws: { ...textsOf(configured, names), ...(days === null ? {} : { recoveryWindowDays: Number(days) }) } };
}

const names = {
  profile: "profile",
  accessKeyId: "access_key_id",
  secretAccessKey: "secret_access_key",
  sessionToken: "session_token",
  roleArn: "role_arn",
  roleSessionName: "role_session_name",
  externalId: "external_id",
  endpoint: "endpoint",
  kmsKeyId: "kms_key_id",
  tier: "tier",
} as const satisfies { readonly [Name in keyof AwsAccess]?: string };
