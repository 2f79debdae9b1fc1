import * as oidc from "openid-client";
import {
  attemptInvalid,
  type IdentityProvider,
  type ProvenIdentity,
  providerUnavailable,
  signInRefused,
} from "../domain/identity-provider.ts";
import { ProblemError } from "../domain/problem.ts";

/** How this server is registered at an OpenID provider. */
export type OpenIdOptions = {
  /** The provider's issuer identifier; https, or http on a loopback address. */
  readonly issuer: string;
  readonly clientId: string;
  /** Undefined for a public client, which PKCE alone protects. */
  readonly clientSecret: string | undefined;
  readonly name: string;
  /** How people reach this server: the provider sends them back to its `/sign-in/oidc/callback`. */
  readonly publicUrl: () => string;
  /** How long one call to the provider may take, in seconds. Default 5. */
  readonly timeoutSeconds?: number;
};

/** How far the clocks of provider and server may be apart, in seconds. */
const clockToleranceSeconds = 30;

/**
 * Speaks the authorization code flow with PKCE (S256), state and nonce. Everything the provider publishes is asked for at
 * the first sign-in, and again after a failure: a provider that is down keeps this server from nothing but sign-ins.
 *
 * @see OpenID Connect Core 1.0 section 3.1, RFC 7636, RFC 9207
 */
export function createOpenIdProvider(options: OpenIdOptions): IdentityProvider {
  let discovered: Promise<oidc.Configuration> | undefined;
  const configure = (): Promise<oidc.Configuration> => {
    discovered ??= discover(options).catch((error: unknown) => {
      discovered = undefined;
      throw providerUnavailable(error);
    });
    return discovered;
  };
  const redirectUri = () => `${options.publicUrl()}/sign-in/oidc/callback`;
  return {
    name: options.name,
    async begin({ state, nonce, codeVerifier }) {
      const configuration = await configure();
      const url = oidc.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri(),
        scope: "openid email",
        state,
        nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: "S256",
      });
      return url.href;
    },
    async finish(answer, { state, nonce, codeVerifier }) {
      const configuration = await configure();
      const url = new URL(redirectUri());
      url.search = answer.toString();
      try {
        const tokens = await oidc.authorizationCodeGrant(configuration, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
          idTokenExpected: true,
        });
        return await readIdentity(configuration, tokens);
      } catch (error) {
        throw explain(error);
      }
    },
  };
}

async function discover({
  issuer,
  clientId,
  clientSecret,
  timeoutSeconds = 5,
}: OpenIdOptions): Promise<oidc.Configuration> {
  const server = new URL(issuer);
  const metadata = { [oidc.clockTolerance]: clockToleranceSeconds };
  const configuration = await oidc.discovery(server, clientId, metadata, authenticateClient(clientSecret), {
    timeout: timeoutSeconds,
    ...(server.protocol === "http:" ? { execute: [oidc.allowInsecureRequests] } : {}),
  });
  configuration.timeout = timeoutSeconds;
  return configuration;
}

/** Basic is what every provider takes unless it says otherwise. */
function authenticateClient(clientSecret: string | undefined): oidc.ClientAuth {
  if (clientSecret === undefined) return oidc.None();
  const [basic, post] = [oidc.ClientSecretBasic(clientSecret), oidc.ClientSecretPost(clientSecret)];
  return (server, ...rest) => {
    const supported = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    return (supported.includes("client_secret_basic") ? basic : post)(server, ...rest);
  };
}

type Tokens = Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>;

/** Providers tell the address in the ID token or when asked. */
async function readIdentity(configuration: oidc.Configuration, tokens: Tokens): Promise<ProvenIdentity> {
  const claims = tokens.claims();
  if (claims === undefined) throw attemptInvalid();
  const { iss: issuer, sub: subject, sid } = claims;
  const person =
    claims["email"] === undefined && configuration.serverMetadata().userinfo_endpoint !== undefined
      ? await oidc.fetchUserInfo(configuration, tokens.access_token, subject)
      : claims;
  const email = person["email"];
  const isVerified = person["email_verified"] === true && typeof email === "string";
  return {
    issuer,
    subject,
    verifiedEmail: isVerified ? email : undefined,
    sid: typeof sid === "string" ? sid : undefined,
  };
}

/** What the library refuses with names neither the browser nor a person; its texts are for the log. */
function explain(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof oidc.AuthorizationResponseError) {
    return signInRefused("The identity provider did not let you in. Begin again at /sign-in.", error);
  }
  if (error instanceof oidc.ResponseBodyError) {
    return error.error === "invalid_grant" ? attemptInvalid(error) : providerUnavailable(error);
  }
  const code = error instanceof oidc.ClientError ? error.code : undefined;
  return code !== undefined && mismatches.has(code) ? attemptInvalid(error) : providerUnavailable(error);
}

/** An answer that is well-formed and not for this attempt: another state, nonce, issuer or audience. */
const mismatches: ReadonlySet<string> = new Set(["OAUTH_INVALID_RESPONSE", "OAUTH_JWT_CLAIM_COMPARISON_FAILED"]);
