import { type Client, ClientOptionsError, createClient } from "@orgtokens/sdk";
import { createBaseClient } from "@orgtokens/sdk/base-client";
import { type ConfigureRequest, isUnknown } from "../framework/index.ts";
import { createApiTokenReader } from "../resources/api-token-reader.ts";
import type { OrgtokensClient } from "../resources/orgtokens-client.ts";
import { createRunRecord } from "../resources/run-record.ts";
import { checkCaller } from "./check-caller.ts";
import { type Connection, readConnection } from "./connection.ts";
import { openFetch } from "./open-fetch.ts";
import { type providerSchema, settingForms } from "./provider-schema.ts";
import { readStoreAccess } from "./secret-stores.ts";
import { createServerClock, type ServerClock } from "./server-clock.ts";
import { type Environment, invalidSetting, readSetting, requireSetting, type Setting } from "./settings.ts";

type Request = ConfigureRequest<typeof providerSchema>;

/**
 * Makes what the resources work with, after asking the server who we are.
 *
 * @returns undefined while something of the provider block is unknown.
 * @throws AttributeError at what is missing or cannot be used, also when it comes from the environment.
 */
export async function configure(
  { config, terraformVersion, signal, diagnostics }: Request,
  environment: Environment,
  version: string,
): Promise<OrgtokensClient | undefined> {
  const { secret_stores, ...settings } = config;
  const stores = readStoreAccess(secret_stores, environment);
  if (stores === undefined || !isKnown(settings)) return undefined;
  const endpoint = requireSetting("endpoint", readSetting("endpoint", settings.endpoint, environment));
  const apiToken = requireSetting("api_token", readSetting("api_token", settings.api_token, environment));
  for (const secret of secretSettings) diagnostics.redact(readSetting(secret, null, environment)?.value ?? "");
  const owner = readSetting("managed_by", settings.managed_by, environment, settingForms.managed_by)?.value;
  const connection = readConnection(settings, endpoint.value, environment);
  const clock = createServerClock();
  const userAgent = userAgentOf(version, terraformVersion, environment["TF_APPEND_USER_AGENT"]);
  const whole = openClient({ endpoint, apiToken, connection, userAgent, clock });
  const { server, organizationId } = await checkCaller(whole, clock, signal);
  const api = server === "base" ? createBaseClient(whole) : whole;
  return {
    api,
    server,
    organizationId,
    // A server of the base operations keeps no owner to filter by.
    tokens: createApiTokenReader({
      api,
      ...(server === "base" ? { managedBy: undefined, filtersIds: "client" } : { managedBy: owner }),
    }),
    now: clock.now,
    managedBy: owner,
    run: createRunRecord(),
    openSecretStore: stores.open,
    close: stores.close,
  };
}

/** What no diagnostic may show when it comes from the environment. */
const secretSettings = ["api_token", "client_key_pem", "proxy_url"];

type Settings = Omit<Request["config"], "secret_stores">;
type KnownSettings = { readonly [Name in keyof Settings]: Exclude<Settings[Name], { toJSON(): never }> };

function isKnown(settings: Settings): settings is KnownSettings {
  return !Object.values(settings).some(isUnknown);
}

/** A header field takes printable ASCII only. */
function userAgentOf(version: string, terraformVersion: string, appended = ""): string {
  const more = appended.replaceAll(/[^ -~]+/g, " ").trim();
  return `terraform-provider-orgtokens/${version} Terraform/${terraformVersion}${more === "" ? "" : ` ${more}`}`;
}

type Reached = {
  readonly endpoint: Setting;
  readonly apiToken: Setting;
  readonly connection: Connection;
  readonly userAgent: string;
  readonly clock: ServerClock;
};

function openClient({ endpoint, apiToken, connection, userAgent, clock }: Reached): Client {
  const { deadlineMs, maxAttempts } = connection;
  try {
    return createClient({
      endpoint: endpoint.value,
      apiToken: apiToken.value,
      userAgent,
      fetch: observeDate(clock, openFetch(connection)),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(maxAttempts === undefined ? {} : { maxAttempts }),
    });
  } catch (error) {
    if (!(error instanceof ClientOptionsError)) throw error;
    throw invalidSetting(error.option === "endpoint" ? endpoint : apiToken, error.message, error);
  }
}

/** Tells a clock what the server's says. */
function observeDate(clock: ServerClock, send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const sentAtMs = Date.now();
    const response = await send(input, init);
    const serverDate = response.headers.get("date");
    if (serverDate !== null) clock.observe({ sentAtMs, receivedAtMs: Date.now(), serverDate });
    return response;
  };
}
