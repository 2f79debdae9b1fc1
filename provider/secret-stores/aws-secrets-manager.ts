import { attribute, lengthBetween, pattern } from "../framework/index.ts";
import { awsAccessName, awsRegion, toAwsAccess } from "./aws.ts";
import { memberOf, type StoreKind } from "./store-kind.ts";
import { noControlCharacters } from "./texts.ts";

/** Where a secret of AWS Secrets Manager is. */
export const awsSecretsManagerAttributes = {
  region: awsRegion,
  name: attribute.string({
    required: true,
    description:
      "Name of the secret, such as `ci/orgtokens`. It is created when there is none; one that you prepared without a value keeps its settings, and stays when the token is destroyed.",
    validators: [
      lengthBetween(1, 400),
      pattern(/^[A-Za-z0-9/_+=.@-]+$/, "have letters, digits and the characters /_+=.@- only"),
    ],
  }),
  key: attribute.string({
    optional: true,
    description:
      "Key of the JSON object that the secret holds. Other keys are kept, which takes the right to read the value. Without a key the whole secret belongs to the token, and nothing is read.",
    validators: [lengthBetween(1, 100), noControlCharacters],
  }),
};

/** A secret of AWS Secrets Manager. */
export const awsSecretsManagerPlace = attribute.single({
  optional: true,
  description:
    "A secret of AWS Secrets Manager, or one key of it. Credentials come from `secret_stores.aws` of the provider, or from where every tool of AWS finds them.",
  attributes: awsSecretsManagerAttributes,
});

export const awsSecretsManagerKind: StoreKind = {
  accessName: awsAccessName,
  placeAttributes: awsSecretsManagerAttributes,
  toPlace: (members) => {
    const key = members["key"] ?? null;
    return {
      awsSecretsManager: {
        region: memberOf(members, "region"),
        name: memberOf(members, "name"),
        ...(key === null ? {} : { key }),
      },
    };
  },
  toMembers: (place) => ("awsSecretsManager" in place ? { key: null, ...place.awsSecretsManager } : undefined),
  toAccess: toAwsAccess,
};
