import type { IncomingMessage } from "node:http";
import { invalidRequest } from "../domain/problem.ts";

/** Fields that say one thing. A proxy and this server could each believe another one of two. */
const singletons = ["host", "content-type", "content-length", "origin", "sec-fetch-site", "x-csrf-token"] as const;

/**
 * Refuses a request in which a field that must be one is given twice.
 * @throws ProblemError `request_invalid`.
 * @see RFC 9110 section 5.3, RFC 9112 section 3.2
 */
export function refuseRepeatedHeaders({ rawHeaders }: Pick<IncomingMessage, "rawHeaders">): void {
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const repeated = singletons.filter((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (repeated.length === 0) return;
  throw invalidRequest(
    ...repeated.map((name) => ({
      pointer: `/header/${name}`,
      code: "fields_conflict" as const,
      message: "must be given once",
    })),
  );
}
