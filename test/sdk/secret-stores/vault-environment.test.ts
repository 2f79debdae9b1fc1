import { MissingSettingError, openSecretStore, type VaultAccess } from "@orgtokens/sdk/secret-stores";
import { expect, test } from "vitest";
import { readVaultAccess } from "../../../sdk/src/secret-stores/vault/vault-environment.ts";
import { refusal } from "../../conformance/secret-stores.ts";

const address = "https://vault.test:8200";

function accessOf(settings: Partial<VaultAccess>, environment: Readonly<Record<string, string>> = {}): object {
  const read = readVaultAccess(settings, environment);
  return "access" in read ? read.access : read.missing;
}

test.each([
  ["a token", { VAULT_TOKEN: "t" }, { token: "t" }],
  ["a file of a token", { VAULT_TOKEN_FILE: "/run/token", HOME: "/home/ada" }, { tokenFile: "/run/token" }],
  ["the file of the vault command", { HOME: "/home/ada" }, { tokenFile: "/home/ada/.vault-token" }],
  [
    "AppRole",
    { VAULT_AUTH_METHOD: "approle", VAULT_AUTH_PATH: "ci", VAULT_ROLE_ID: "r", VAULT_SECRET_ID: "s", VAULT_TOKEN: "t" },
    { login: { method: "approle", mount: "ci", roleId: "r", secretId: "s" } },
  ],
  [
    "Kubernetes",
    { VAULT_AUTH_METHOD: "kubernetes", VAULT_AUTH_ROLE: "ci", TFC_WORKLOAD_IDENTITY_TOKEN: "not a cluster's" },
    { login: { method: "kubernetes", role: "ci" } },
  ],
  [
    "a JWT of Terraform Cloud",
    { VAULT_AUTH_METHOD: "jwt", VAULT_AUTH_ROLE: "ci", TFC_WORKLOAD_IDENTITY_TOKEN: "eyJ" },
    { login: { method: "jwt", role: "ci", jwt: "eyJ" } },
  ],
  ["a JWT in a file", { VAULT_AUTH_METHOD: "jwt", VAULT_JWT_FILE: "/j" }, { login: { method: "jwt", jwtFile: "/j" } }],
])("the environment says who we are: %s", (_, environment, identity) => {
  expect(accessOf({ address }, environment)).toEqual({ address, ...identity });
});

test("what is set wins over the environment, and is completed by it where it is the same way to be somebody", () => {
  const environment = {
    VAULT_ADDR: "https://other.test",
    VAULT_NAMESPACE: "other",
    VAULT_TOKEN: "other",
    VAULT_AUTH_METHOD: "kubernetes",
    VAULT_ROLE_ID: "other",
    VAULT_SECRET_ID: "from-environment",
  };
  expect(accessOf({ address, namespace: "team", token: "mine" }, environment)).toEqual({
    address,
    namespace: "team",
    token: "mine",
  });
  expect(accessOf({ address, login: { method: "approle", roleId: "r" } }, environment)).toMatchObject({
    login: { method: "approle", roleId: "r", secretId: "from-environment" },
  });
  expect(
    accessOf({ address, login: { method: "approle", roleId: "r", secretIdFile: "/s" } }, environment),
  ).toMatchObject({ login: { method: "approle", roleId: "r", secretIdFile: "/s" } });
});

test("the environment says how Vault is reached: authorities, certificate, proxy, time", () => {
  const environment = {
    VAULT_ADDR: address,
    VAULT_TOKEN: "t",
    VAULT_CACERT: "/ca.pem",
    VAULT_CLIENT_CERT: "/c.pem",
    VAULT_CLIENT_KEY: "/k.pem",
    VAULT_TLS_SERVER_NAME: "vault",
    VAULT_SKIP_VERIFY: "true",
    VAULT_CLIENT_TIMEOUT: "5s",
    https_proxy: "http://proxy.test:3128",
    NO_PROXY: "internal.test",
  };
  expect(accessOf({}, environment)).toEqual({
    address,
    token: "t",
    timeoutMs: 5000,
    tls: {
      caFile: "/ca.pem",
      certificateFile: "/c.pem",
      keyFile: "/k.pem",
      serverName: "vault",
      skipVerify: true,
    },
    proxyEnvironment: { HTTPS_PROXY: "http://proxy.test:3128", NO_PROXY: "internal.test" },
  });
  const here = { ...environment, VAULT_ADDR: "https://127.0.0.1:8200" };
  expect(accessOf({}, here)).not.toHaveProperty("proxyEnvironment");
  expect(accessOf({}, { ...here, VAULT_SKIP_VERIFY: "0" })).toMatchObject({ tls: { caFile: "/ca.pem" } });
  expect(accessOf({}, { ...environment, VAULT_PROXY_ADDR: "http://own.test" })).toMatchObject({
    proxyEnvironment: { HTTPS_PROXY: "http://own.test" },
  });
});

test.each([
  [{}, "address of Vault", "VAULT_ADDR"],
  [{ VAULT_ADDR: address }, "token of Vault", "VAULT_TOKEN"],
  [{ VAULT_ADDR: address, VAULT_AUTH_METHOD: "approle" }, "role id for Vault's AppRole", "VAULT_ROLE_ID"],
  [{ VAULT_ADDR: address, VAULT_AUTH_METHOD: "jwt" }, "JWT for Vault", "VAULT_JWT"],
])("what is missing is named with its variable: %j", async (environment, what, variable) => {
  const place = { vault: { mount: "kv", path: "ci", key: "token" } };
  const error = await refusal(() => openSecretStore(place, { environment }));
  expect(error).toBeInstanceOf(MissingSettingError);
  expect(error.message).toContain(what);
  expect(error.message).toContain(variable);
});

test("a way to log in that is not one of ours is refused by name: a browser is nothing for a machine", async () => {
  const environment = { VAULT_ADDR: address, VAULT_AUTH_METHOD: "oidc" };
  const error = await refusal(() =>
    openSecretStore({ vault: { mount: "kv", path: "ci", key: "token" } }, { environment }),
  );
  expect(error.message).toMatch(/VAULT_AUTH_METHOD/);
});

test("verification that is asked for is not turned off by the environment, and certificates that are set are not mixed with others", () => {
  const environment = { VAULT_TOKEN: "t", VAULT_CACERT: "/other.pem", VAULT_SKIP_VERIFY: "true" };
  const tlsOf = (tls?: VaultAccess["tls"]) => accessOf({ address, ...(tls === undefined ? {} : { tls }) }, environment);
  expect(tlsOf()).toMatchObject({ tls: { caFile: "/other.pem", skipVerify: true } });
  expect(tlsOf({ skipVerify: false })).toEqual({
    address,
    token: "t",
    tls: { caFile: "/other.pem", skipVerify: false },
  });
  expect(tlsOf({ caFile: "/own.pem" })).toEqual({ address, token: "t", tls: { caFile: "/own.pem" } });
});
