import { type ApiToken, iterateApiTokens, type ListApiTokensQuery } from "@orgtokens/sdk";
import {
  attribute,
  defineDataSource,
  defineSchema,
  type KnownConfigOf,
  lengthBetween,
  type ReadDataSourceHandlerRequest,
  type StateOf,
} from "../framework/index.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";
import { apiTokenAttributes, apiTokenValues } from "./api-token-attributes.ts";
import { collect, maxItems } from "./collect.ts";

const schema = defineSchema({
  description: `The API tokens of the organization, newest first: all pages, at most ${maxItems}. Filters that are left out match every token.`,
  attributes: {
    status: attribute.string({
      optional: true,
      oneOf: ["live", "pending", "active", "revoked", "expired", "all"],
      description: "Which tokens: `live` (default) is pending and active. Dead tokens are known for 90 days.",
    }),
    label: attribute.string({
      optional: true,
      description: "Only tokens with exactly this label, 1 to 100 characters.",
      validators: [lengthBetween(1, 100)],
    }),
    search: attribute.string({
      optional: true,
      description:
        "Only tokens whose label contains this text, 1 to 100 characters. The letters A to Z match in either case.",
      validators: [lengthBetween(1, 100)],
    }),
    managed_by: attribute.string({
      optional: true,
      description: "Only tokens of exactly this namespace, 1 to 200 characters.",
      validators: [lengthBetween(1, 200)],
    }),
    destination: attribute.string({
      optional: true,
      description: "Only tokens whose secret is kept at this URI, as `provider::orgtokens::destination` gives it.",
      validators: [lengthBetween(5, 512)],
    }),
    role: attribute.string({
      optional: true,
      oneOf: ["developer", "admin"],
      description: "Only tokens of this role. All tokens that the other filters match are read for it.",
    }),
    api_tokens: attribute.nestedList({
      computed: true,
      description: "The tokens, newest first. Their secrets are not among it.",
      attributes: {
        id: attribute.string({ computed: true, description: "Id of the token: 24 hexadecimal characters." }),
        label: attribute.string({ computed: true, description: "What the token is for." }),
        ...apiTokenAttributes,
      },
    }),
  },
});

/** `data.orgtokens_api_tokens`: all tokens that filters match. */
export const apiTokensDataSource = defineDataSource<typeof schema, OrgtokensClient>({
  typeName: "orgtokens_api_tokens",
  schema,
  read: readApiTokens,
});

async function readApiTokens(
  request: ReadDataSourceHandlerRequest<typeof schema, OrgtokensClient>,
): Promise<StateOf<typeof schema>> {
  const { config, client, signal, log } = request;
  const walk = iterateApiTokens(client.api, queryOf(config), { signal });
  const tokens = await collect(walk, { what: "API tokens", log, accepts: ({ role }: ApiToken) => fits(config, role) });
  return { ...config, api_tokens: tokens.map(apiTokenValues) };
}

function fits(config: KnownConfigOf<typeof schema>, role: ApiToken["role"]): boolean {
  return config.role === null || config.role === role;
}

function queryOf(config: KnownConfigOf<typeof schema>): ListApiTokensQuery {
  const { status, label, search, managed_by: managedBy, destination } = config;
  return {
    ...(status === null ? {} : { status }),
    ...(label === null ? {} : { label }),
    ...(search === null ? {} : { search }),
    ...(managedBy === null ? {} : { managedBy }),
    ...(destination === null ? {} : { destination }),
  };
}
