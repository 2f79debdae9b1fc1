import { configure, type Environment, providerSchema } from "./configuration/configure.ts";
import { defineProvider, type Provider } from "./framework/index.ts";
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
    explainError,
  });
}
