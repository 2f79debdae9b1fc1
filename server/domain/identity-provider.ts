import { createHmac } from "node:crypto";
import { ProblemError } from "./problem.ts";

/** An OpenID provider that the organization's people sign in at. */
export interface IdentityProvider {
  /** What people know it by, as in "Continue with ...". */
  readonly name: string;
  /**
   * Where to send a browser that is to sign in.
   * @throws ProblemError `identity_provider_unavailable`.
   */
  begin(attempt: SignInAttempt): Promise<string>;
  /**
   * Finds out who came back from the provider, without any token passing through the browser.
   * @param answer the query that the provider sent the browser back with.
   * @throws ProblemError `sign_in_attempt_invalid` unless it answers this attempt, `sign_in_refused` when the provider
   *   refused, `identity_provider_unavailable`.
   */
  finish(answer: URLSearchParams, attempt: SignInAttempt): Promise<ProvenIdentity>;
}

/** What ties an answer of the provider to the browser that asked. */
export type SignInAttempt = { readonly state: string; readonly nonce: string; readonly codeVerifier: string };

/** Who somebody is, by the word of the provider. */
export type ProvenIdentity = {
  readonly issuer: string;
  readonly subject: string;
  /** Undefined unless the provider has verified that it is theirs. */
  readonly verifiedEmail: string | undefined;
  /** The provider's own session, if it names it. */
  readonly sid: string | undefined;
};

/** Everything of an attempt follows from one secret, which only the browser that began it holds. */
export function attemptOf(secret: string): SignInAttempt {
  const derive = (purpose: string) => createHmac("sha256", secret).update(purpose).digest("base64url");
  return { state: derive("state"), nonce: derive("nonce"), codeVerifier: derive("code verifier") };
}

/** The problem of an answer that belongs to no attempt of this browser, or to one that is over. */
export function attemptInvalid(cause?: unknown): ProblemError {
  return new ProblemError(
    "sign_in_attempt_invalid",
    "Begin again at /sign-in. A sign-in counts once, for ten minutes, in the browser that began it.",
    { cause },
  );
}

/** The problem of a provider that does not do its part. */
export function providerUnavailable(cause: unknown): ProblemError {
  return new ProblemError(
    "identity_provider_unavailable",
    "The identity provider does not answer as it should. Try again shortly, or ask for a sign-in link by e-mail.",
    { cause },
  );
}

/** The problem of somebody whom the provider knows and the organization does not let in. */
export function signInRefused(detail: string, cause?: unknown): ProblemError {
  return new ProblemError("sign_in_refused", detail, { cause });
}
