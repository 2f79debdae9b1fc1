import type { IncomingMessage } from "node:http";
import { ProblemError } from "../domain/problem.ts";

/**
 * The token a request carries: `X-API-KEY: <token>`, `Authorization: Bearer <token>`, or `Authorization: Basic` with the
 * token as user name and an empty password.
 *
 * @returns undefined when it carries none.
 * @throws ProblemError `credentials_ambiguous` when it carries more than one, `authentication_malformed` when the header
 *   cannot be read.
 * @see RFC 6750 section 2.1, RFC 7617
 */
export function readCredentials({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): string | undefined {
  const apiKeys = valuesOf(rawHeaders, "x-api-key");
  const authorizations = valuesOf(rawHeaders, "authorization");
  const given = [...apiKeys, ...authorizations.map(readAuthorization)].filter(
    (token) => token !== undefined && token !== "",
  );
  if (given.length > 1) {
    throw new ProblemError("credentials_ambiguous", "Send the token once, in X-API-KEY or in Authorization.");
  }
  return given[0];
}

/** Every value of a header field, one per line of the request: `headers` would keep only the first. */
function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

function readAuthorization(header: string): string | undefined {
  const [, scheme = "", value = ""] = /^([A-Za-z0-9-]+) +(\S+)$/.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case "bearer":
      return value;
    case "basic":
      return readBasic(value);
    default:
      throw malformed("Send Authorization as Bearer <token>, or as Basic with the token as user name.");
  }
}

function readBasic(value: string): string {
  const [user = "", ...password] = Buffer.from(value, "base64").toString("latin1").split(":");
  if (password.length !== 1 || password[0] !== "") {
    throw malformed("With Basic, send the token as user name and an empty password.");
  }
  return user;
}

function malformed(detail: string): ProblemError {
  return new ProblemError("authentication_malformed", detail);
}
