import type { VaultSessions } from "./vault-sessions.ts";

/** How Vault is reached, and as whom: by one of `token`, `tokenFile` and `login`. */
export type VaultAccess = {
  /** Address, such as `https://vault:8200`. */
  readonly address: string;
  /** Default: the root namespace. */
  readonly namespace?: string;
  readonly token?: string;
  /** Path of a file that holds a token and nothing else, such as `~/.vault-token`. Read at the first use. */
  readonly tokenFile?: string;
  readonly login?: VaultLogin;
  /** Places that are opened with the same sessions share logins. Default: each has its own, which ends with it. */
  readonly sessions?: VaultSessions;
  readonly tls?: VaultTls;
  /** Variables such as `HTTPS_PROXY` and `NO_PROXY` that name a proxy. Needs Node 22.21 or later. Default: no proxy. */
  readonly proxyEnvironment?: Readonly<Record<string, string>>;
  /** How long one request may take, in milliseconds. Default: as long as the call. */
  readonly timeoutMs?: number;
  /** Sends requests instead; TLS and proxy are its matter then. */
  readonly fetch?: typeof fetch;
  /** Milliseconds by which the end of a login's token is judged. Default: the platform's clock. */
  readonly now?: () => number;
};

/** A login of a machine: it gives a token, which is renewed while it is used, and revoked at the end. */
export type VaultLogin = VaultAppRoleLogin | VaultJwtLogin;

/** What every login has. */
type LoginPlace = {
  /** Where the auth method is mounted. Default: the name of the method. */
  readonly mount?: string;
  /** The namespace of the auth method. Default: that of the access. */
  readonly namespace?: string;
};

/** AppRole. */
export type VaultAppRoleLogin = LoginPlace & {
  readonly method: "approle";
  readonly roleId: string;
  /** Not needed where the role is bound to addresses instead. */
  readonly secretId?: string;
  /** Path of a file that holds the secret id. Read at each login. */
  readonly secretIdFile?: string;
  /** A response-wrapping token that holds the secret id: good for one login. */
  readonly wrappedSecretId?: string;
};

/** A signed token of somebody whom Vault trusts: an OpenID provider, a CI system, a Kubernetes cluster. */
export type VaultJwtLogin = LoginPlace & {
  readonly method: "jwt" | "kubernetes";
  /** Default: the default role of the auth method, where it has one. */
  readonly role?: string;
  readonly jwt?: string;
  /** Path of a file that holds it. Read at each login. Default for `kubernetes`: the token of the pod's service account. */
  readonly jwtFile?: string;
};

/** How Vault proves who it is, and we. */
export type VaultTls = {
  /** The authorities to trust instead of the platform's, as PEM. */
  readonly caPem?: string;
  /** Path of a file of them. */
  readonly caFile?: string;
  /** Path of a folder of such files. */
  readonly caFolder?: string;
  /** Paths of our own certificate and its key, as PEM. */
  readonly certificateFile?: string;
  readonly keyFile?: string;
  /** The name that the certificate of Vault must have. Default: that of the address. */
  readonly serverName?: string;
  /** Takes any certificate for Vault's: whoever sits in between gets the secrets. A warning of the process says so. */
  readonly skipVerify?: boolean;
};
