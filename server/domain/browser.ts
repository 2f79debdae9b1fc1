/** What the caller's browser keeps for us, where no script can read it. */
export interface Browser {
  /** The secret of the session that the request brought along, live or not. */
  readonly sessionSecret: string | undefined;
  /** Has the session's secret kept until `expiresAt`. Replaces the one before. */
  keepSession(secret: string, expiresAt: Date): void;
  forgetSession(): void;
  /** What was kept of a sign-in at a provider that is under way. */
  readonly signInAttempt: KeptSignInAttempt | undefined;
  /** Has an attempt kept for ten minutes. Replaces the one before. */
  keepSignInAttempt(attempt: KeptSignInAttempt): void;
  forgetSignInAttempt(): void;
}

/** A sign-in at a provider that is under way. */
export type KeptSignInAttempt = { readonly secret: string; readonly returnTo: string };
