import type { VaultAccess, VaultLogin, VaultTls } from "@orgtokens/sdk/secret-stores";
import {
  attribute,
  conflicting,
  lengthBetween,
  requiredTogether,
  type Validator,
  warningDiagnostic,
} from "../framework/index.ts";
import { type Members, textsOf } from "./store-kind.ts";
import { isUrl, noControlCharacters } from "./texts.ts";

const text = (description: string) =>
  attribute.string({ optional: true, description, validators: [lengthBetween(1, 1024), noControlCharacters] });

const secret = (description: string) =>
  attribute.string({ optional: true, sensitive: true, description, validators: [lengthBetween(1, 16_384)] });

/** Where every login is made. */
const loginPlace = (method: string) => ({
  mount: text(`Where the auth method is mounted. Or \`VAULT_AUTH_PATH\`. Default: \`${method}\`.`),
  namespace: text("The namespace of the auth method. Default: `namespace` of the block around."),
});

const role = text("The role. Or `VAULT_AUTH_ROLE`. Default: the default role of the auth method, where it has one.");

/** The ways to be somebody at Vault, of which at most one is set. */
const identities = [
  "token",
  "auth_login_token_file",
  "auth_login_approle",
  "auth_login_jwt",
  "auth_login_kubernetes",
] as const;

const warnUnverified: Validator<boolean> = (value, path) =>
  value
    ? [
        warningDiagnostic(
          "The certificate of Vault is not verified",
          "Whoever sits between this machine and Vault can read each secret that is delivered. Name the authority instead, by ca_cert_file.",
          path,
        ),
      ]
    : [];

/** How Vault is reached, and as whom. The names are those of the provider `hashicorp/vault`. */
export const vaultAccess = attribute.single({
  optional: true,
  description:
    "HashiCorp Vault or OpenBao. At most one of `token` and the logins is set; with none, `VAULT_AUTH_METHOD` counts (`approle`, `jwt` or `kubernetes`), then `VAULT_TOKEN`, then the file `VAULT_TOKEN_FILE` or `~/.vault-token`. A login is made once per run, and its token revoked at the end.",
  validators: [conflicting(...identities), conflicting("ca_cert_file", "ca_cert_pem", "ca_cert_dir")],
  attributes: {
    address: attribute.string({
      optional: true,
      description: "Address, such as `https://vault:8200`. Or `VAULT_ADDR`.",
      validators: [isUrl],
    }),
    namespace: text("Namespace. Or `VAULT_NAMESPACE`."),
    token: attribute.string({
      optional: true,
      sensitive: true,
      description: "A token. Or `VAULT_TOKEN`.",
      validators: [lengthBetween(1, 4096)],
    }),
    auth_login_token_file: attribute.single({
      optional: true,
      description: "A token that lies in a file.",
      attributes: { filename: attribute.string({ required: true, description: "Path of the file." }) },
    }),
    auth_login_approle: attribute.single({
      optional: true,
      description: "A login by AppRole.",
      validators: [conflicting("secret_id", "secret_id_file")],
      attributes: {
        ...loginPlace("approle"),
        role_id: text("The role id. Or `VAULT_ROLE_ID`."),
        secret_id: secret("The secret id. Or `VAULT_SECRET_ID`."),
        secret_id_file: text("Path of a file that holds the secret id. Or `VAULT_SECRET_ID_FILE`."),
      },
    }),
    auth_login_jwt: attribute.single({
      optional: true,
      description: "A login by a JWT, such as that of a CI job.",
      validators: [conflicting("jwt", "jwt_file")],
      attributes: {
        ...loginPlace("jwt"),
        role,
        jwt: secret("The JWT. Or `VAULT_JWT`, or Terraform Cloud's `TFC_WORKLOAD_IDENTITY_TOKEN`."),
        jwt_file: text("Path of a file that holds the JWT. Or `VAULT_JWT_FILE`."),
      },
    }),
    auth_login_kubernetes: attribute.single({
      optional: true,
      description: "A login by the service account of the pod that Terraform runs in.",
      attributes: {
        ...loginPlace("kubernetes"),
        role,
        jwt_file: text("Path of the service account's token. Or `VAULT_JWT_FILE`. Default: where Kubernetes puts it."),
      },
    }),
    ca_cert_file: text("Path of the certificates that Vault's is trusted by, as PEM. Or `VAULT_CACERT`."),
    ca_cert_pem: attribute.string({
      optional: true,
      description: "The same as text. Or `VAULT_CACERT_BYTES`.",
      validators: [lengthBetween(1, 262_144)],
    }),
    ca_cert_dir: text("Path of a folder of such files. Or `VAULT_CAPATH`."),
    client_auth: attribute.single({
      optional: true,
      description: "The certificate that is presented to Vault. Or `VAULT_CLIENT_CERT` and `VAULT_CLIENT_KEY`.",
      validators: [requiredTogether("cert_file", "key_file")],
      attributes: {
        cert_file: text("Path of the certificate, as PEM."),
        key_file: text("Path of its key, as PEM."),
      },
    }),
    tls_server_name: text("The name that Vault's certificate has. Or `VAULT_TLS_SERVER_NAME`."),
    skip_tls_verify: attribute.bool({
      optional: true,
      description:
        "Takes any certificate for Vault's, with a warning: whoever sits in between can read along. Or `VAULT_SKIP_VERIFY`.",
      validators: [warnUnverified],
    }),
  },
});

/** What the provider block says, in the words of the SDK. */
export function toVaultAccess(configured: Members): Partial<VaultAccess> {
  const login = loginOf(configured);
  const skip = configured["skip_tls_verify"];
  const tls: VaultTls = {
    ...textsOf(configured, tlsNames),
    ...(typeof skip === "string" ? { skipVerify: skip === "true" } : {}),
  };
  return {
    ...textsOf(configured, names),
    ...(login === undefined ? {} : { login }),
    ...(Object.keys(tls).length === 0 ? {} : { tls }),
  };
}

const names = {
  address: "address",
  namespace: "namespace",
  token: "token",
  tokenFile: "auth_login_token_file.filename",
} as const satisfies { readonly [Name in keyof VaultAccess]?: string };

const tlsNames = {
  caPem: "ca_cert_pem",
  caFile: "ca_cert_file",
  caFolder: "ca_cert_dir",
  certificateFile: "client_auth.cert_file",
  keyFile: "client_auth.key_file",
  serverName: "tls_server_name",
} as const satisfies { readonly [Name in keyof VaultTls]?: string };

/** An attribute of attributes is there when it is set, even where nothing in it is: the environment completes it. */
function loginOf(configured: Members): VaultLogin | undefined {
  const within = (name: string, members: Readonly<Record<string, string>>) =>
    textsOf(configured, Object.fromEntries(Object.entries(members).map(([own, member]) => [own, `${name}.${member}`])));
  const place = { mount: "mount", namespace: "namespace" };
  const isSet = (name: string) => (configured[name] ?? null) !== null;
  if (isSet("auth_login_approle")) {
    const approle = { ...place, roleId: "role_id", secretId: "secret_id", secretIdFile: "secret_id_file" };
    return { roleId: "", ...within("auth_login_approle", approle), method: "approle" };
  }
  const jwt = { ...place, role: "role", jwt: "jwt", jwtFile: "jwt_file" };
  if (isSet("auth_login_jwt")) return { ...within("auth_login_jwt", jwt), method: "jwt" };
  if (isSet("auth_login_kubernetes")) return { ...within("auth_login_kubernetes", jwt), method: "kubernetes" };
  return undefined;
}
