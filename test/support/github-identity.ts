/** Who calls the double of GitHub: tokens with permissions, and an App that signs its own. */
import { generateKeyPairSync, randomBytes, verify } from "node:crypto";

/** What a token may do: names of permissions as an App's installation has them. `*` stands for every one. */
export type GitHubPermissions = Readonly<Record<string, "read" | "write">>;

/** An App that is installed. */
export type GitHubTestApp = {
  readonly appId: string;
  readonly installationId: string;
  /** PEM, in the form in which GitHub gives it. */
  readonly privateKey: string;
  readonly permissions: GitHubPermissions;
  /** How often it got a token. */
  readonly exchanges: () => number;
};

/** The identities of one double. */
export class GitHubIdentities {
  readonly #tokens = new Map<string, GitHubPermissions>();
  readonly #apps = new Map<string, GitHubTestApp & { readonly isSigned: (jwt: string) => boolean; count: number }>();

  /** A token that may do what its permissions say. */
  tokenWith(permissions: GitHubPermissions): string {
    const token = `github_pat_${randomBytes(12).toString("hex")}`;
    this.#tokens.set(token, permissions);
    return token;
  }

  /** An App with a fresh key. */
  appWith(permissions: GitHubPermissions): GitHubTestApp {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const [appId, installationId] = [String(100 + this.#apps.size), String(9000 + this.#apps.size)];
    const isSigned = (jwt: string) => {
      const [header = "", claims = "", signature = ""] = jwt.split(".");
      const { iss, exp, iat } = JSON.parse(Buffer.from(claims, "base64url").toString());
      const nowSeconds = Date.now() / 1000;
      const isNow = iat <= nowSeconds && nowSeconds < exp && exp <= nowSeconds + 600;
      const signed = verify(
        "sha256",
        Buffer.from(`${header}.${claims}`),
        publicKey,
        Buffer.from(signature, "base64url"),
      );
      return signed && isNow && String(iss) === appId;
    };
    const pem = String(privateKey.export({ type: "pkcs1", format: "pem" }));
    const app = { appId, installationId, privateKey: pem, permissions, isSigned, count: 0, exchanges: () => app.count };
    this.#apps.set(installationId, app);
    return app;
  }

  /** What whoever sends these credentials may do; undefined for nobody. */
  permissionsOf(authorization: string): GitHubPermissions | undefined {
    return this.#tokens.get(authorization.replace(/^(Bearer|token) /i, ""));
  }

  /** Nothing is a token any more that an App got. */
  expireInstallationTokens(): void {
    for (const token of this.#tokens.keys()) if (token.startsWith("ghs_")) this.#tokens.delete(token);
  }

  /** The installation token that an App's signature gets; a status when it gets none. */
  exchange(
    installationId: string,
    authorization: string,
  ): 401 | 404 | { token: string; permissions: GitHubPermissions } {
    const jwt = authorization.replace(/^bearer /i, "");
    const signer = [...this.#apps.values()].find(({ isSigned }) => jwt.split(".").length === 3 && isSigned(jwt));
    if (signer === undefined) return 401;
    if (this.#apps.get(installationId) !== signer) return 404;
    signer.count += 1;
    const token = `ghs_${randomBytes(12).toString("hex")}`;
    this.#tokens.set(token, signer.permissions);
    return { token, permissions: signer.permissions };
  }
}
