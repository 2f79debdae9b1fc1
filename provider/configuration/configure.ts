import { ApiError, ClientOptionsError, createClient } from "@orgtokens/sdk";
import { openFileSecretStore, openVaultSecretStore, type SecretStore } from "@orgtokens/sdk/secret-stores";
import {
  AttributeError,
  attribute,
  attributePath,
  type ConfigureRequest,
  defineSchema,
  isUnknown,
  lengthBetween,
  pattern,
} from "../framework/index.ts";
import { createApiTokenReader } from "../resources/api-token-reader.ts";
import { explainError } from "../resources/explain-error.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";
import { createRunRecord } from "../resources/run-record.ts";
import type { SecretStoreSettings } from "../resources/secret-store-attribute.ts";
import { createServerClock, type ServerClock } from "./server-clock.ts";

const isUrl = pattern(/^https?:\/\/[^\s/]+/, "be an http or https URL");

/** The provider block. */
export const providerSchema = defineSchema({
  description: "API tokens of an organization, with their secrets delivered into a secret store and nowhere else.",
  attributes: {
    endpoint: attribute.string({
      optional: true,
      description: "Address of the orgtokens server, such as `https://tokens.example.com`. Or `ORGTOKENS_ENDPOINT`.",
      validators: [isUrl],
    }),
    api_token: attribute.string({
      optional: true,
      sensitive: true,
      description:
        "An Admin token of the organization. Or `ORGTOKENS_API_TOKEN`, which keeps it out of the configuration.",
      validators: [lengthBetween(1, 200)],
    }),
    managed_by: attribute.string({
      optional: true,
      description:
        "Namespace of the tokens that this configuration owns, such as `infra/prod`. With it, a token that was created but not recorded (a crash) is adopted by the next run. Or `ORGTOKENS_MANAGED_BY`.",
      validators: [lengthBetween(1, 200), pattern(/^[ -~]*[!-~][ -~]*$/, "be printable ASCII")],
    }),
    secret_stores: attribute.single({
      optional: true,
      description:
        "How the secret stores are reached. What is left out comes from each store's usual environment variables.",
      attributes: {
        vault: attribute.single({
          optional: true,
          description: "HashiCorp Vault or OpenBao.",
          attributes: {
            address: attribute.string({
              optional: true,
              description: "Address, such as `https://vault:8200`. Or `VAULT_ADDR`.",
              validators: [isUrl],
            }),
            token: attribute.string({
              optional: true,
              sensitive: true,
              description: "A token that may read and write metadata and write data below the mount. Or `VAULT_TOKEN`.",
              validators: [lengthBetween(1, 4096)],
            }),
            namespace: attribute.string({
              optional: true,
              description: "Namespace. Or `VAULT_NAMESPACE`.",
              validators: [lengthBetween(1, 400)],
            }),
          },
        }),
      },
    }),
  },
});

/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Makes what the resources work with, after asking the server who we are: a wrong address and a refused token are found
 * before anything is planned.
 *
 * @returns undefined while something of the provider block is unknown.
 */
export async function configure(
  { config, terraformVersion, signal }: ConfigureRequest<typeof providerSchema>,
  environment: Environment,
  version: string,
): Promise<OrgtokensClient | undefined> {
  const { endpoint, api_token: apiToken, managed_by: managedBy, secret_stores: stores } = config;
  if (isUnknown(endpoint) || isUnknown(apiToken) || isUnknown(managedBy) || isUnknown(stores)) return undefined;
  const vault = readVaultConfig(stores, environment);
  if (vault === undefined) return undefined;
  const clock = createServerClock();
  const appended = environment["TF_APPEND_USER_AGENT"];
  const api = openClient({
    endpoint: required("endpoint", endpoint, environment["ORGTOKENS_ENDPOINT"]),
    apiToken: required("api_token", apiToken, environment["ORGTOKENS_API_TOKEN"]),
    userAgent: `terraform-provider-orgtokens/${version} Terraform/${terraformVersion}${appended ? ` ${appended}` : ""}`,
    fetch: observeDate(clock),
  });
  await checkCaller(api, signal);
  const owner = managedBy ?? (environment["ORGTOKENS_MANAGED_BY"] || undefined);
  return {
    api,
    tokens: createApiTokenReader({ api, managedBy: owner }),
    now: clock.now,
    managedBy: owner,
    run: createRunRecord(),
    openSecretStore: (settings) => openSecretStore(settings, vault),
  };
}

/** Sends as the platform does, and tells a clock what the server's says. */
function observeDate(clock: ServerClock): typeof fetch {
  return async (input, init) => {
    const sentAtMs = Date.now();
    const response = await fetch(input, init);
    const serverDate = response.headers.get("date");
    if (serverDate !== null) clock.observe({ sentAtMs, receivedAtMs: Date.now(), serverDate });
    return response;
  };
}

type Api = OrgtokensClient["api"];

/** @throws AttributeError at what cannot be used, also when it comes from the environment. */
function openClient(options: Parameters<typeof createClient>[0]): Api {
  try {
    return createClient(options);
  } catch (error) {
    if (!(error instanceof ClientOptionsError)) throw error;
    const name = error.option === "endpoint" ? "endpoint" : "api_token";
    throw new AttributeError(
      attributePath(name),
      `Invalid value for ${name}`,
      `${error.message} Correct "${name}" in the provider block, or the environment variable ${variables[name]}.`,
      { cause: error },
    );
  }
}

async function checkCaller(api: Api, signal: AbortSignal): Promise<void> {
  try {
    const me = await api.getMe({ signal });
    if (me.type === "api_token" && me.apiToken.role === "admin") return;
  } catch (error) {
    const explained = explainError(error);
    if (explained === undefined) throw error;
    const at = error instanceof ApiError && error.status === 401 ? "api_token" : "endpoint";
    const advice = at === "api_token" ? ' Set "api_token" (or ORGTOKENS_API_TOKEN) to a live Admin token.' : "";
    throw new AttributeError(attributePath(at), explained.summary, explained.detail + advice, { cause: error });
  }
  throw new AttributeError(
    attributePath("api_token"),
    "The API token may not administer tokens",
    'It is a Developer token. Set "api_token" (or ORGTOKENS_API_TOKEN) to an Admin token of the organization.',
  );
}

const variables = { endpoint: "ORGTOKENS_ENDPOINT", api_token: "ORGTOKENS_API_TOKEN" } as const;

function required(
  name: keyof typeof variables,
  configured: string | null,
  fromEnvironment: string | undefined,
): string {
  const value = configured ?? fromEnvironment;
  if (value !== undefined && value !== "") return value;
  throw new AttributeError(
    attributePath(name),
    `Missing ${name}`,
    `Set "${name}" in the provider block, or the environment variable ${variables[name]}.`,
  );
}

type VaultConfig = {
  readonly address: string | undefined;
  readonly token: string | undefined;
  readonly namespace: string | undefined;
};
type StoresConfig = Exclude<ConfigureRequest<typeof providerSchema>["config"]["secret_stores"], { toJSON(): never }>;

/** Undefined while something of it is unknown. */
function readVaultConfig(stores: StoresConfig, environment: Environment): VaultConfig | undefined {
  const vault = stores?.vault ?? null;
  if (isUnknown(vault)) return undefined;
  const { address = null, token = null, namespace = null } = vault ?? {};
  if (isUnknown(address) || isUnknown(token) || isUnknown(namespace)) return undefined;
  return {
    address: (address ?? environment["VAULT_ADDR"]) || undefined,
    token: (token ?? environment["VAULT_TOKEN"]) || undefined,
    namespace: (namespace ?? environment["VAULT_NAMESPACE"]) || undefined,
  };
}

function openSecretStore({ file, vault: place }: SecretStoreSettings, vault: VaultConfig): SecretStore {
  if (file !== null) return openFileSecretStore(file);
  if (place === null) throw new TypeError("A secret store must be set.");
  const { address, token, namespace } = vault;
  if (address === undefined || token === undefined) {
    const [name, variable] = address === undefined ? ["address", "VAULT_ADDR"] : ["token", "VAULT_TOKEN"];
    throw new AttributeError(
      attributePath("secret_store"),
      `Missing ${name} of Vault`,
      `Set "secret_stores.vault.${name}" in the provider block, or the environment variable ${variable}.`,
    );
  }
  return openVaultSecretStore({ ...place, address, token, ...(namespace === undefined ? {} : { namespace }) });
}
