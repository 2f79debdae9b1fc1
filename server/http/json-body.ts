import type { FastifyInstance, FastifyRequest } from "fastify";
import { type GithubKeys, isSignedByGithub } from "../domain/github-signature.ts";
import { ProblemError } from "../domain/problem.ts";
import { contentTypeUnsupported } from "./problem.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Takes bodies that are JSON in UTF-8, for the operations that want it. An empty one counts as none. Where the contract
 * says who must have signed a body, the signature is checked over its bytes as they came, before anything reads them.
 */
export function acceptJsonBodies(app: FastifyInstance, githubKeys: GithubKeys): void {
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async ({ routeOptions, headers }: FastifyRequest, body: string | Buffer) => {
      const { bodyMediaType = "application/json", signedBy } = routeOptions.config;
      if (bodyMediaType !== "application/json") throw contentTypeUnsupported(bodyMediaType);
      const bytes = Buffer.from(body);
      if (signedBy !== undefined && !isSignedByGithub(githubKeys, headers, bytes)) throw signatureInvalid();
      return parseJsonBody(bytes);
    },
  );
}

function signatureInvalid(): ProblemError {
  return new ProblemError(
    "signature_invalid",
    "Sign the raw body, and name a key that this server knows. Nothing was changed.",
  );
}

function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    const parsed: unknown = JSON.parse(decoder.decode(body));
    return parsed;
  } catch (error) {
    throw new ProblemError("json_malformed", describe(error), { cause: error });
  }
}

/** The position is worth telling; the parser's quotation of the text is not, for it may hold a secret. */
function describe(error: unknown): string {
  const position =
    error instanceof SyntaxError ? / at position \d+( \(line \d+ column \d+\))?/.exec(error.message)?.[0] : undefined;
  return `Send a JSON object in UTF-8; what came cannot be parsed${position ?? ""}. Nothing was changed.`;
}
