import { ProblemError } from "../domain/problem.ts";

/**
 * Holds `If-Match` against the version of what would be changed. Weak entity tags match nothing.
 * @see RFC 9110 section 13.1.1
 * @throws ProblemError `version_mismatch` unless one of them is that version.
 */
export function requireVersion(ifMatch: string | undefined, version: string): void {
  if (ifMatch === undefined || ifMatch === "*") return;
  if (ifMatch.split(/ *, */).includes(`"${version}"`)) return;
  throw new ProblemError(
    "version_mismatch",
    "Get the token again, look at what changed, and repeat the request with its new entity tag. Nothing was changed.",
    { places: [{ pointer: "/header/If-Match", code: "value_unknown", message: "must be the token's entity tag" }] },
  );
}
