import { parseDuration } from "../resources/duration.ts";
import { settingForms } from "./provider-schema.ts";
import { proxyFromEnvironment } from "./proxy.ts";
import { type Environment, invalidSetting, readSetting } from "./settings.ts";
import { readTlsMaterial, type TlsConfig, type TlsMaterial } from "./tls-files.ts";

/** How the server is reached. */
export type Connection = TlsMaterial & {
  /** URL of the proxy, with its user and password; undefined for none. */
  readonly proxyUrl: string | undefined;
  /** How long a call may take with all its attempts; undefined for the SDK's default. */
  readonly deadlineMs: number | undefined;
  /** How often a call is sent at most; undefined for the SDK's default. */
  readonly maxAttempts: number | undefined;
};

/** The attributes of the provider block about the connection. */
export type ConnectionConfig = TlsConfig & {
  readonly proxy_url: string | null;
  readonly request_timeout: string | null;
  readonly max_retries: number | null;
};

/**
 * Reads how the server at `endpoint` is reached.
 *
 * @throws AttributeError at what cannot be used, with the attribute or the environment variable it came from.
 */
export function readConnection(config: ConnectionConfig, endpoint: string, environment: Environment): Connection {
  const timeout = readSetting("request_timeout", config.request_timeout, environment, settingForms.request_timeout);
  const retries = readSetting("max_retries", config.max_retries, environment, settingForms.max_retries);
  const seconds = timeout === undefined ? undefined : parseDuration(timeout.value);
  return {
    ...readTlsMaterial(config, environment),
    proxyUrl: readProxyUrl(config, endpoint, environment),
    deadlineMs: seconds === undefined ? undefined : seconds * 1000,
    maxAttempts: retries === undefined ? undefined : Number(retries.value) + 1,
  };
}

function readProxyUrl(config: ConnectionConfig, endpoint: string, environment: Environment): string | undefined {
  const setting = readSetting("proxy_url", config.proxy_url, environment, settingForms.proxy_url);
  if (setting !== undefined) {
    if (URL.canParse(setting.value)) return setting.value;
    throw invalidSetting(setting, "It is no URL, such as http://proxy.example.com:3128.");
  }
  const url = URL.parse(endpoint);
  const proxy = url === null ? undefined : proxyFromEnvironment(url, environment);
  if (proxy === undefined || /^https?:\/\//.test(proxy)) return proxy;
  // Other programs take a host with a port for an http proxy.
  return `http://${proxy}`;
}
