import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { contentTypeUnsupported } from "./problem.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Takes bodies that are JSON in UTF-8, for the operations that want it. An empty one counts as none. */
export function acceptJsonBodies(app: FastifyInstance): void {
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async ({ routeOptions }: FastifyRequest, body: string | Buffer) => {
      const { bodyMediaType = "application/json" } = routeOptions.config;
      if (bodyMediaType !== "application/json") throw contentTypeUnsupported(bodyMediaType);
      return parseJsonBody(Buffer.from(body));
    },
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
