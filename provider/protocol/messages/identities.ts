/** The calls about resource identity, which Terraform makes from 1.12 on. */
import { diagnostics, identityData, rawState } from "./values.ts";

const identityAttribute = {
  name: [1, "string"],
  type: [2, "bytes"],
  required_for_import: [3, "bool"],
  optional_for_import: [4, "bool"],
  description: [5, "string"],
} as const;
const identitySchema = {
  version: [1, "int64"],
  identity_attributes: [2, identityAttribute, "repeated"],
} as const;

export const identityMessages = {
  ResourceIdentitySchema: identitySchema,
  "ResourceIdentitySchema.IdentityAttribute": identityAttribute,
  "GetResourceIdentitySchemas.Request": {},
  "GetResourceIdentitySchemas.Response": {
    identity_schemas: [1, identitySchema, "map"],
    diagnostics: [2, ...diagnostics],
  },
  "UpgradeResourceIdentity.Request": { type_name: [1, "string"], version: [2, "int64"], raw_identity: [3, rawState] },
  "UpgradeResourceIdentity.Response": { upgraded_identity: [1, identityData], diagnostics: [2, ...diagnostics] },
} as const;
