import { attribute, lengthBetween, pattern } from "../framework/index.ts";
import { awsAccessName, awsRegion, toAwsAccess } from "./aws.ts";
import { memberOf, type StoreKind } from "./store-kind.ts";

/** Where a parameter of AWS Systems Manager is. */
export const awsSsmAttributes = {
  region: awsRegion,
  path: attribute.string({
    required: true,
    description: "Path of the parameter, such as `/ci/orgtokens`. The slash at its start may be left out.",
    validators: [
      lengthBetween(1, 400),
      pattern(
        /^\/?(?!aws|ssm)[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/i,
        "be names of letters, digits and the characters _.- separated by single slashes, and not begin with aws or ssm",
      ),
    ],
  }),
};

/** A parameter of AWS Systems Manager. */
export const awsSsmPlace = attribute.single({
  optional: true,
  description:
    "A parameter of AWS Systems Manager Parameter Store, encrypted (`SecureString`). Credentials come from `secret_stores.aws` of the provider, or from where every tool of AWS finds them.",
  attributes: awsSsmAttributes,
});

export const awsSsmKind: StoreKind = {
  accessName: awsAccessName,
  placeAttributes: awsSsmAttributes,
  toPlace: (members) => ({ awsSsm: { region: memberOf(members, "region"), path: memberOf(members, "path") } }),
  toMembers: (place) => ("awsSsm" in place ? { ...place.awsSsm } : undefined),
  toAccess: toAwsAccess,
};
