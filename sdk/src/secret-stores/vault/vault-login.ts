import { readFile } from "node:fs/promises";
import { SecretStoreError } from "../secret-store-error.ts";
import type { VaultAccess, VaultAppRoleLogin, VaultJwtLogin, VaultLogin } from "./vault-access.ts";
import { encodePath, isTemporary, member } from "./vault-answer.ts";
import type { VaultAnswer, VaultHttp } from "./vault-http.ts";

/** A token that Vault gave for a login, and for how long. */
export type VaultGrant = {
  readonly token: string;
  /** How long it lives unless it is renewed, in milliseconds; 0 when it does not end. */
  readonly leaseMs: number;
  readonly isRenewable: boolean;
  /** What the lease was before renewals; undefined when there was none. */
  readonly firstLeaseMs?: number;
};

/** What a login is made with. */
export type LoginOptions = {
  readonly http: VaultHttp;
  readonly access: Pick<VaultAccess, "namespace">;
  readonly destination: string;
  readonly signal: AbortSignal;
};

/** Where Kubernetes puts the token of a pod's service account. */
const serviceAccountFile = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** @throws SecretStoreError `secret_store_refused` for credentials that Vault does not take. */
export async function logIn(login: VaultLogin, options: LoginOptions): Promise<VaultGrant> {
  const { http, access, destination, signal } = options;
  const { method, mount = method, namespace = access.namespace } = login;
  const body = method === "approle" ? await appRoleBody(login, mount, options) : await jwtBody(login, destination);
  const path = `auth/${encodePath(mount)}/login`;
  const answer = await http.send({
    method: "POST",
    path,
    body,
    namespace,
    destination,
    signal,
  });
  const grant = answer.status === 200 ? parseGrant(answer.body) : undefined;
  if (grant === undefined) throw explain({ mount: `auth/${mount}`, method, origin: http.origin, destination }, answer);
  return grant;
}

/** The grant in an answer; undefined when there is none, as where a second factor is asked for. */
export function parseGrant(body: unknown): VaultGrant | undefined {
  const auth = member(body, "auth");
  const token = member(auth, "client_token");
  if (typeof token !== "string" || !/^[!-~]{1,4096}$/.test(token)) return undefined;
  const leaseMs = Number(member(auth, "lease_duration") ?? 0) * 1000;
  return { token, leaseMs, isRenewable: member(auth, "renewable") === true };
}

async function appRoleBody(login: VaultAppRoleLogin, mount: string, options: LoginOptions): Promise<object> {
  const { roleId, secretId, secretIdFile, wrappedSecretId } = login;
  if (wrappedSecretId !== undefined) {
    return {
      role_id: roleId,
      secret_id: await unwrapSecretId(wrappedSecretId, mount, options),
    };
  }
  const found = secretId ?? (secretIdFile === undefined ? undefined : await read(secretIdFile, options.destination));
  return {
    role_id: roleId,
    ...(found === undefined ? {} : { secret_id: found }),
  };
}

/** A wrapping token that was not made for a secret id of this mount was put there by somebody else. */
async function unwrapSecretId(token: string, mount: string, { http, access, destination, signal }: LoginOptions) {
  const call = {
    method: "POST",
    namespace: access.namespace,
    destination,
    signal,
  } as const;
  const found = await http.send({
    ...call,
    path: "sys/wrapping/lookup",
    body: { token },
  });
  const origin = member(member(found.body, "data"), "creation_path");
  const isExpected =
    typeof origin === "string" && origin.startsWith(`auth/${mount}/role/`) && origin.endsWith("/secret-id");
  const unwrapped = isExpected ? await http.send({ ...call, path: "sys/wrapping/unwrap", token }) : found;
  const secretId = member(member(unwrapped.body, "data"), "secret_id");
  if (typeof secretId === "string") return secretId;
  if (isTemporary(unwrapped.status)) throw unavailable(http.origin, unwrapped.status, destination);
  const message = isExpected
    ? "The wrapped secret id was unwrapped before. If that was not you, somebody else has it: make another one."
    : `The wrapped secret id is not valid any more, or was not made by auth/${mount}. Make another one.`;
  throw new SecretStoreError("secret_store_refused", destination, message);
}

async function jwtBody({ method, role, jwt, jwtFile }: VaultJwtLogin, destination: string): Promise<object> {
  const file = jwtFile ?? (method === "kubernetes" ? serviceAccountFile : undefined);
  const found = jwt ?? (file === undefined ? "" : await read(file, destination));
  if (found === "") {
    const message = "For the login at Vault a JWT is needed: none is given, or its file is empty.";
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  }
  return { jwt: found, ...(role === undefined ? {} : { role }) };
}

/** The text of a file of credentials. @throws SecretStoreError `secret_store_invalid_argument` */
export async function read(path: string, destination: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    const message = `The file ${path}, which Vault's credentials are read from, cannot be read${code}. Give a token (VAULT_TOKEN) or a login.`;
    throw new SecretStoreError("secret_store_invalid_argument", destination, message);
  }
}

/** The error of a Vault that cannot answer now. */
export function unavailable(origin: string, status: number, destination: string): SecretStoreError {
  const message = `Vault at ${origin} cannot answer now (${status}); it may be sealed, a standby or overloaded.`;
  return new SecretStoreError("secret_store_unreachable", destination, message);
}

type Attempt = Pick<VaultLogin, "method"> & {
  readonly mount: string;
  readonly origin: string;
  readonly destination: string;
};

function explain({ mount, method, origin, destination }: Attempt, { status, body }: VaultAnswer): SecretStoreError {
  if (isTemporary(status)) return unavailable(origin, status, destination);
  if (status === 404) {
    const message = `Vault has no auth method at ${mount} (404). Check mount and namespace.`;
    return new SecretStoreError("secret_store_not_found", destination, message);
  }
  if (member(body, "auth") !== undefined && member(body, "auth") !== null) {
    const message = `Vault wants a second factor for the login at ${mount}. A machine has none: use a role without.`;
    return new SecretStoreError("secret_store_refused", destination, message);
  }
  const what = method === "approle" ? "role_id and secret_id" : "role, and the issuer, audience and age of the JWT";
  const message = `Vault does not accept the login at ${mount} (${status}). Check ${what}.`;
  return new SecretStoreError("secret_store_refused", destination, message);
}
