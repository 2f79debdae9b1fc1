import { configure } from "./configuration/configure.ts";
import { providerSchema } from "./configuration/provider-schema.ts";
import type { Environment } from "./configuration/settings.ts";
import { apiTokenDataSource } from "./data-sources/api-token.ts";
import { apiTokensDataSource } from "./data-sources/api-tokens.ts";
import { organizationDataSource } from "./data-sources/organization.ts";
import { usersDataSource } from "./data-sources/users.ts";
import { ephemeralApiToken } from "./ephemeral-resources/api-token.ts";
import { storedSecret } from "./ephemeral-resources/stored-secret.ts";
import { defineProvider, type Provider } from "./framework/index.ts";
import { destination } from "./functions/destination.ts";
import { isWellFormed } from "./functions/is-well-formed.ts";
import { obfuscate } from "./functions/obfuscate.ts";
import { apiToken } from "./resources/api-token.ts";
import { explainError } from "./resources/explain-error.ts";
import { organizationMember } from "./resources/organization-member.ts";
import { organizationPolicy } from "./resources/organization-policy.ts";
import type { OrgtokensClient } from "./resources/orgtokens-client.ts";

/** The version of the provider. */
const version = "0.1.0";

/** The orgtokens provider: its block and its types. `environment` stands in for what the block leaves out. */
export function createProvider(environment: Environment): Provider<OrgtokensClient> {
  return defineProvider({
    name: "orgtokens",
    version,
    schema: providerSchema,
    configure: (request) => configure(request, environment, version),
    resources: [apiToken, organizationMember, organizationPolicy],
    dataSources: [apiTokenDataSource, apiTokensDataSource, organizationDataSource, usersDataSource],
    ephemeralResources: [ephemeralApiToken, storedSecret],
    functions: [destination, isWellFormed, obfuscate],
    explainError,
    close: (client) => client.close(),
  });
}
