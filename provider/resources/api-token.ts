import { defineIdentity, defineResource } from "../framework/index.ts";
import { apiTokenSchema } from "./api-token-schema.ts";
import { createApiToken } from "./create-api-token.ts";
import { deleteApiToken } from "./delete-api-token.ts";
import { importApiToken } from "./import-api-token.ts";
import type { OrgtokensClient } from "./orgtokens-client.ts";
import { planApiToken } from "./plan-api-token.ts";
import { readApiToken } from "./read-api-token.ts";
import { updateApiToken } from "./update-api-token.ts";
import { apiTokenUpgraders } from "./upgrade-api-token.ts";
import { validateApiToken } from "./validate-api-token.ts";

/** What tells a token from all others: its id. */
const identity = defineIdentity({
  schema: apiTokenSchema,
  attributes: { id: { type: "string", requiredForImport: true, description: "Id of the token." } },
  of: ({ id }) => ({ id }),
  importId: ({ id }) => id,
  // Where the server has the base operations only, a rotation is a new token.
  mutable: true,
});

/** `orgtokens_api_token`: a token whose secret is delivered into a secret store. */
export const apiToken = defineResource<typeof apiTokenSchema, OrgtokensClient>({
  typeName: "orgtokens_api_token",
  schema: apiTokenSchema,
  identity,
  timeouts: { create: "10m", read: "5m", update: "10m", delete: "10m" },
  validate: validateApiToken,
  modifyPlan: planApiToken,
  create: createApiToken,
  read: readApiToken,
  update: updateApiToken,
  delete: deleteApiToken,
  importState: importApiToken,
  upgraders: apiTokenUpgraders,
});
