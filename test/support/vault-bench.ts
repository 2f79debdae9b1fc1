import { openVaultSecretStore, type SecretStore, type VaultAccess } from "@orgtokens/sdk/secret-stores";
import { expect } from "vitest";
import { buildName } from "../conformance/secret-stores.ts";
import { startOpenBao } from "./openbao.ts";

/** Everything that a place needs, and more. */
export const vaultPolicy = `
  path "kv/data/*" { capabilities = ["create", "update", "patch", "read"] }
  path "kv/subkeys/*" { capabilities = ["read"] }
  path "kv/metadata/*" { capabilities = ["create", "update", "patch", "read", "delete"] }`;

/** A real OpenBao that one can log in to, and places in it. */
export type VaultBench = Awaited<ReturnType<typeof startVaultBench>>;

/** Starts it, with the methods `approle`, `jwt` and `kubernetes`, and a policy `orgtokens`. */
export async function startVaultBench() {
  const bao = await startOpenBao();
  await bao.request("PUT", "sys/policies/acl/orgtokens", { policy: vaultPolicy });
  for (const type of ["approle", "jwt", "kubernetes"]) await bao.request("POST", `sys/auth/${type}`, { type });
  return {
    bao,
    open(access: Partial<VaultAccess>, path = buildName()): SecretStore {
      return openVaultSecretStore({ address: bao.address, mount: "kv", path, key: "token", ...access });
    },
    /** A role of AppRole, and a secret id of it. */
    async appRole(settings: object = {}, secretIdSettings: object = {}) {
      const role = buildName();
      await bao.request("POST", `auth/approle/role/${role}`, {
        token_policies: ["orgtokens"],
        token_ttl: "1h",
        token_max_ttl: "24h",
        ...settings,
      });
      const roleId = textAt(await bao.request("GET", `auth/approle/role/${role}/role-id`), "data", "role_id");
      const made = await bao.request("POST", `auth/approle/role/${role}/secret-id`, secretIdSettings);
      return { role, roleId, secretId: textAt(made, "data", "secret_id") };
    },
    /** Expects that a token works for nothing any more. */
    async expectRevoked(tokens: Iterable<string>): Promise<void> {
      for (const token of tokens) {
        const answer = await fetch(`${bao.address}/v1/auth/token/lookup-self`, { headers: { "X-Vault-Token": token } });
        expect(answer.status).toBe(403);
      }
    },
  };
}

/** What an answer of OpenBao has at the end of a way of names, as text. */
export function textAt(value: unknown, ...names: readonly string[]): string {
  return String(names.reduce<unknown>((inner, name) => Object(inner)[name], value));
}

/** What was asked of Vault, in order. */
export type Observed = { readonly fetch: typeof fetch; readonly paths: string[]; readonly tokens: Set<string> };

/** Notes what is sent through its `fetch`. */
export function observe(): Observed {
  const paths: string[] = [];
  const tokens = new Set<string>();
  const send: typeof fetch = async (input, init) => {
    paths.push(new URL(String(input)).pathname.replace("/v1/", ""));
    const token = new Headers(init?.headers).get("x-vault-token");
    if (token !== null) tokens.add(token);
    return fetch(input, init);
  };
  return { fetch: send, paths, tokens };
}
