/** Microsoft Entra ID for the double of Azure: applications, and the tokens that they get for a vault. */
import { constants, generateKeyPairSync, type KeyObject, randomBytes, verify } from "node:crypto";
import { createHostCertificate } from "../../provider/testing/host-certificate.ts";

/** An application with what it may do. */
export type AzureApplication = {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Certificate and private key, PEM. */
  readonly certificate: string;
  readonly isSignedByIt: (assertion: string) => boolean;
  /** A token of another issuer that it trusts. */
  readonly federatedToken: string;
  /** Data actions, by their last parts. */
  readonly actions: readonly string[];
};

/** The tenant of the vaults. */
export const azureTenantId = "11111111-2222-4333-8444-555555555555";

/** Makes one that may do what its data actions say. */
export function createAzureApplication(actions: readonly string[]): AzureApplication {
  // Entra ID signs by RSA; whose key the certificate certifies, its client does not look at.
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  return {
    tenantId: azureTenantId,
    clientId: `22222222-2222-4333-8444-${randomBytes(6).toString("hex")}`,
    clientSecret: randomBytes(20).toString("hex"),
    certificate: `${pem}${createHostCertificate().certificatePem}`,
    isSignedByIt: (assertion) => isSigned(assertion, publicKey),
    federatedToken: `federated-${randomBytes(20).toString("hex")}`,
    actions,
  };
}

/** Gives tokens to those who prove who they are. */
export class AzureEntra {
  readonly applications: AzureApplication[] = [];
  readonly #tokens = new Map<string, AzureApplication>();

  /** Answers a request for a token: status and body. */
  token(path: string, form: URLSearchParams): readonly [status: number, body: object] {
    const application = this.applications.find(({ clientId }) => clientId === form.get("client_id"));
    const isAsked =
      path === `/${azureTenantId}/oauth2/v2.0/token` &&
      form.get("grant_type") === "client_credentials" &&
      /^https:\/\/vault\.azure\.(net|cn)\/\.default\b/.test(form.get("scope") ?? "");
    if (!isAsked) return [400, { error: "invalid_request", error_description: "AADSTS900144" }];
    if (application === undefined || !isProven(application, form))
      return [401, { error: "invalid_client", error_description: "AADSTS7000215: hunter2" }];
    return [200, { token_type: "Bearer", expires_in: 3600, access_token: this.tokenFor(application) }];
  }

  /** Answers a machine that asks, at its own address for metadata, for a token of its managed identity. */
  identityToken(
    path: string,
    query: URLSearchParams,
    identity: AzureApplication,
  ): readonly [status: number, body: object] {
    const isAsked = path === "/metadata/identity/oauth2/token" && query.get("resource") === "https://vault.azure.net";
    const wanted = query.get("client_id") ?? identity.clientId;
    if (!isAsked || wanted !== identity.clientId) return [400, { error: "invalid_request" }];
    const expires_on = String(Math.floor(Date.now() / 1000) + 3600);
    const token = { token_type: "Bearer", expires_in: "3600", expires_on, resource: "https://vault.azure.net" };
    return [200, { ...token, access_token: this.tokenFor(identity) }];
  }

  tokenFor(application: AzureApplication): string {
    const token = randomBytes(24).toString("base64url");
    this.#tokens.set(token, application);
    return token;
  }

  /** Whose the token of a header is. */
  callerOf(authorization: string): AzureApplication | undefined {
    return this.#tokens.get(authorization.replace(/^Bearer /, ""));
  }
}

function isProven({ clientSecret, federatedToken, isSignedByIt }: AzureApplication, form: URLSearchParams): boolean {
  const assertion = form.get("client_assertion");
  if (assertion === null) return form.get("client_secret") === clientSecret;
  return assertion === federatedToken || isSignedByIt(assertion);
}

function isSigned(assertion: string, publicKey: KeyObject): boolean {
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  if (signature === "") return false;
  const key = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING };
  return verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url"));
}
