import type { IncomingMessage } from "node:http";
import { ProblemError } from "../domain/problem.ts";

/** The token that a request authenticates with, and whose id it claims to be, where it says so. */
export type Credentials = { readonly text: string; readonly apiTokenId?: string };

/**
 * The token a request carries: `X-API-KEY: <token>`, `Authorization: Bearer <token>`, or `Authorization: Basic` with the
 * token as user name and an empty password, or, as OAuth clients do it, with the token's id as user name and the token as
 * password. No other header field counts, whatever a proxy made of it.
 *
 * @returns undefined when it carries none.
 * @throws ProblemError `credentials_ambiguous` when it carries more than one, `authentication_malformed` when the header
 *   cannot be read.
 * @see RFC 6750 section 2.1, RFC 7617, RFC 6749 section 2.3.1
 */
export function readCredentials({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): Credentials | undefined {
  const apiKeys = valuesOf(rawHeaders, "x-api-key").map((text) => ({ text }));
  const authorizations = valuesOf(rawHeaders, "authorization");
  const given = [...apiKeys, ...authorizations.map(readAuthorization)].filter(({ text }) => text !== "");
  if (given.length > 1) {
    throw new ProblemError("credentials_ambiguous", "Send the token once, in X-API-KEY or in Authorization.");
  }
  return given[0];
}

/** Every value of a header field, one per line of the request: `headers` would keep only the first. */
function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

function readAuthorization(header: string): Credentials {
  const [, scheme = "", value = ""] = /^([A-Za-z0-9-]+) +(\S+)$/.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return { text: value };
    case "basic":
      return readBasic(value);
    default:
      throw malformed("Send Authorization as Bearer <token>, or as Basic with the token as user name.");
  }
}

/** OAuth clients percent-encode both parts; a token that is not encoded has nothing to decode. */
function readBasic(value: string): Credentials {
  const [user = "", password, ...rest] = Buffer.from(value, "base64").toString("latin1").split(":").map(decode);
  if (rest.length === 0 && password === "") return { text: user };
  if (rest.length === 0 && password !== undefined && /^[0-9a-f]{24}$/.test(user)) {
    return { text: password, apiTokenId: user };
  }
  throw malformed("With Basic, send the token as user name and an empty password, or its id and the token.");
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function malformed(detail: string): ProblemError {
  return new ProblemError("authentication_malformed", detail);
}
