/** A provider with whatever a test gives it, and a client of the test's own. */
import { expect } from "vitest";
import {
  attribute,
  createProviderServer,
  defineProvider,
  defineSchema,
  isUnknown,
  type ProviderDefinition,
  type ProviderServer,
  type Value,
} from "../../../provider/framework/index.ts";
import { capabilities, errorsOf } from "./terraform-rules.ts";

const schema = defineSchema({
  description: "The Acme cloud.",
  attributes: {
    endpoint: attribute.string({ optional: true, description: "Where." }),
    api_token: attribute.string({ optional: true, sensitive: true, description: "Token." }),
  },
});

/** What a provider defines besides its block. */
export type Definitions<Client> = Partial<
  Pick<
    ProviderDefinition<typeof schema, Client>,
    "resources" | "dataSources" | "ephemeralResources" | "functions" | "listResources" | "actions" | "explainError"
  >
>;

/** A server of a provider that is not configured. */
export function unconfigured<Client>(client: Client, definitions: Definitions<Client>): ProviderServer {
  return createProviderServer(
    defineProvider({
      name: "acme",
      version: "1.2.3",
      schema,
      configure: ({ config }) => (isUnknown(config.endpoint) ? undefined : client),
      resources: [],
      ...definitions,
    }),
  );
}

/** A server of a configured provider. An unknown endpoint leaves it without client. */
export async function configured<Client>(
  client: Client,
  definitions: Definitions<Client>,
  endpoint: Value = "https://acme",
): Promise<ProviderServer> {
  const server = unconfigured(client, definitions);
  const config = { endpoint, api_token: "top-secret-token" };
  const request = { terraformVersion: "1.11.4", config, clientCapabilities: capabilities };
  expect(errorsOf(await server.configureProvider(request, new AbortController().signal))).toEqual([]);
  return server;
}

/** Everything a stream tells, to its end. */
export async function readAll<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}
