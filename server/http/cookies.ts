import type { IncomingMessage } from "node:http";
import type { FastifyReply } from "fastify";
import type { Browser, KeptSignInAttempt } from "../domain/browser.ts";
import { ProblemError } from "../domain/problem.ts";

/**
 * The cookies of a request and its answer. Over https their names begin with `__Host-`, so that neither a subdomain nor
 * plain http can plant one; over plain http, which browsers reach on loopback addresses only, they cannot.
 *
 * @throws ProblemError `credentials_ambiguous`, when it is read, if the request carries two sessions.
 * @see RFC 6265bis section 4.1.3.2 for `__Host-`
 */
export function createBrowser(
  { rawHeaders }: Pick<IncomingMessage, "rawHeaders">,
  reply: FastifyReply,
  isSecure: boolean,
): Browser {
  const session = cookieName("orgtokens-session", isSecure);
  const attempt = cookieName("orgtokens-sign-in", isSecure);
  // Strict: the page asks for everything by itself, so no request that another site begins ever needs the session.
  const attributes = `Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
  // Lax: it must come along when the provider, another site, sends the browser back.
  const attemptAttributes = attributes.replace("Strict", "Lax");
  return {
    get sessionSecret() {
      const values = readCookies(rawHeaders, session);
      if (values.length > 1) throw ambiguous();
      return values[0];
    },
    keepSession(secret, expiresAt) {
      void reply.header("Set-Cookie", `${session}=${secret}; ${attributes}; Expires=${expiresAt.toUTCString()}`);
    },
    forgetSession() {
      void reply.header("Set-Cookie", `${session}=; ${attributes}; Max-Age=0`);
    },
    get signInAttempt() {
      const values = readCookies(rawHeaders, attempt);
      return values.length === 1 ? parseAttempt(values[0]) : undefined;
    },
    keepSignInAttempt({ secret, returnTo }) {
      const value = `${secret}.${Buffer.from(returnTo).toString("base64url")}`;
      void reply.header("Set-Cookie", `${attempt}=${value}; ${attemptAttributes}; Max-Age=${attemptSeconds}`);
    },
    forgetSignInAttempt() {
      void reply.header("Set-Cookie", `${attempt}=; ${attemptAttributes}; Max-Age=0`);
    },
  };
}

/** How long a sign-in at a provider may take, in seconds. */
const attemptSeconds = 600;

function parseAttempt(value = ""): KeptSignInAttempt | undefined {
  const [secret = "", returnTo = "", ...rest] = value.split(".");
  if (!/^[\w-]{43}$/.test(secret) || rest.length > 0) return undefined;
  return { secret, returnTo: Buffer.from(returnTo, "base64url").toString() };
}

function cookieName(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name;
}

/** Every value that a cookie of this name has in a request; an empty one counts as none. */
function readCookies(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === "cookie")
    .flatMap((header) => header.split(";"))
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1))
    .filter((value) => value !== "");
}

function ambiguous(): ProblemError {
  return new ProblemError(
    "credentials_ambiguous",
    "Send one session cookie. Delete this site's cookies and sign in again.",
  );
}
