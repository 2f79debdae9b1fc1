/** How Vault is reached by the variables that its own command reads, and some for what that command has no variable for. */
import { join } from "node:path";
import type { Environment, MissingSetting, ReadAccess } from "../secret-store-kind.ts";
import type { VaultAccess, VaultLogin, VaultTls } from "./vault-access.ts";

type Identity = Pick<VaultAccess, "token" | "tokenFile" | "login">;

/** What is set wins: whoever names a way to be somebody is not made somebody else by the environment. */
export function readVaultAccess(settings: Partial<VaultAccess>, environment: Environment): ReadAccess<VaultAccess> {
  const address = settings.address ?? environment["VAULT_ADDR"];
  if (!address) return { missing: { what: "address of Vault", setting: "address", variable: "VAULT_ADDR" } };
  const identity = readIdentity(settings, environment);
  if ("missing" in identity) return identity;
  const namespace = settings.namespace ?? environment["VAULT_NAMESPACE"];
  const tls = chooseTls(settings.tls, environment);
  const timeoutMs = settings.timeoutMs ?? readSeconds(environment["VAULT_CLIENT_TIMEOUT"]);
  const proxyEnvironment = settings.proxyEnvironment ?? readProxy(address, environment);
  const { token: _, tokenFile: __, login: ___, ...rest } = settings;
  return {
    access: {
      ...rest,
      ...identity,
      address,
      ...(namespace ? { namespace } : {}),
      ...(tls === undefined ? {} : { tls }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(proxyEnvironment === undefined ? {} : { proxyEnvironment }),
    },
  };
}

function readIdentity(
  { token, tokenFile, login }: Partial<VaultAccess>,
  environment: Environment,
): Identity | { readonly missing: MissingSetting } {
  if (token !== undefined || tokenFile !== undefined) {
    return {
      ...(token === undefined ? {} : { token }),
      ...(tokenFile === undefined ? {} : { tokenFile }),
      ...(login === undefined ? {} : { login }),
    };
  }
  const method = login?.method ?? environment["VAULT_AUTH_METHOD"];
  if (method === "approle") return readAppRole(login, environment);
  if (method === "jwt" || method === "kubernetes") return readJwt(method, login, environment);
  if (method && method !== "token") {
    const what = "way to log in at Vault, of approle, jwt, kubernetes and token (a browser is nothing for a machine)";
    return { missing: { what, setting: "login", variable: "VAULT_AUTH_METHOD" } };
  }
  const given = environment["VAULT_TOKEN"];
  if (given) return { token: given };
  const home = environment["HOME"] ?? environment["USERPROFILE"];
  const file = environment["VAULT_TOKEN_FILE"] || (home ? join(home, ".vault-token") : undefined);
  if (file !== undefined) return { tokenFile: file };
  return { missing: { what: "token of Vault", setting: "token", variable: "VAULT_TOKEN" } };
}

function readAppRole(login: VaultLogin | undefined, environment: Environment) {
  const given = login?.method === "approle" ? login : undefined;
  const roleId = given?.roleId || environment["VAULT_ROLE_ID"];
  if (!roleId)
    return { missing: { what: "role id for Vault's AppRole", setting: "roleId", variable: "VAULT_ROLE_ID" } };
  const isGiven = [given?.secretId, given?.secretIdFile, given?.wrappedSecretId].some(Boolean);
  const secret = isGiven
    ? given
    : texts({
        secretId: environment["VAULT_SECRET_ID"],
        secretIdFile: environment["VAULT_SECRET_ID_FILE"],
        wrappedSecretId: environment["VAULT_WRAPPED_SECRET_ID"],
      });
  return { login: { ...mountOf(given, environment), ...secret, method: "approle", roleId } as const };
}

function readJwt(method: "jwt" | "kubernetes", login: VaultLogin | undefined, environment: Environment) {
  const given = login?.method === method ? login : undefined;
  const role = given?.role || environment["VAULT_AUTH_ROLE"];
  const isGiven = [given?.jwt, given?.jwtFile].some(Boolean);
  const jwt = isGiven
    ? texts({ jwt: given?.jwt, jwtFile: given?.jwtFile })
    : texts({ jwt: environment["VAULT_JWT"], jwtFile: environment["VAULT_JWT_FILE"] });
  // Only a cluster's own token is of use to it.
  const workload = method === "jwt" && Object.keys(jwt).length === 0 ? environment["TFC_WORKLOAD_IDENTITY_TOKEN"] : "";
  const found = { ...mountOf(given, environment), ...jwt, ...texts({ role }), ...texts({ jwt: workload || jwt.jwt }) };
  if (method === "jwt" && !("jwt" in found || "jwtFile" in found))
    return { missing: { what: "JWT for Vault", setting: "jwt", variable: "VAULT_JWT" } };
  return { login: { ...found, method } };
}

function mountOf(given: VaultLogin | undefined, environment: Environment) {
  return texts({ mount: given?.mount || environment["VAULT_AUTH_PATH"], namespace: given?.namespace });
}

/** Certificates that are set replace those of the environment; whether they are checked is decided on its own, as it is set. */
function chooseTls(set: VaultTls | undefined, environment: Environment): VaultTls | undefined {
  const { skipVerify, ...certificates } = set ?? {};
  const base = Object.keys(certificates).length > 0 ? certificates : readTls(environment);
  return skipVerify === undefined ? base : { ...base, skipVerify };
}

function readTls(environment: Environment): VaultTls | undefined {
  const tls = texts({
    caPem: environment["VAULT_CACERT_BYTES"],
    caFile: environment["VAULT_CACERT"],
    caFolder: environment["VAULT_CAPATH"],
    certificateFile: environment["VAULT_CLIENT_CERT"],
    keyFile: environment["VAULT_CLIENT_KEY"],
    serverName: environment["VAULT_TLS_SERVER_NAME"],
  });
  const skipVerify = /^(?:1|t|true)$/i.test(environment["VAULT_SKIP_VERIFY"] ?? "");
  if (Object.keys(tls).length === 0 && !skipVerify) return undefined;
  return { ...tls, ...(skipVerify ? { skipVerify } : {}) };
}

/** `60`, `60s` or `500ms`, as Vault's own command takes them. */
function readSeconds(text = ""): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (number === undefined || Number(number) === 0) return undefined;
  return Number(number) * (unit === "ms" ? 1 : unit === "m" ? 60_000 : 1000);
}

/** Never for a loopback address, as in other programs. */
function readProxy(address: string, environment: Environment): Readonly<Record<string, string>> | undefined {
  const { hostname = "", protocol = "" } = URL.parse(address) ?? {};
  if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return undefined;
  const own = environment["VAULT_PROXY_ADDR"] || environment["VAULT_HTTP_PROXY"];
  if (own) return { HTTPS_PROXY: own, HTTP_PROXY: own };
  const read = (name: string) => environment[name] || environment[name.toLowerCase()];
  const name = protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = read(name);
  const exceptions = read("NO_PROXY");
  return proxy ? { [name]: proxy, ...(exceptions ? { NO_PROXY: exceptions } : {}) } : undefined;
}

/** What is not empty. */
function texts<Name extends string>(
  members: Readonly<Record<Name, string | undefined>>,
): { readonly [Own in Name]?: string } {
  const set = Object.entries<string | undefined>(members).filter(([, value]) => Boolean(value));
  return Object.fromEntries(set) as { [Own in Name]?: string };
}
