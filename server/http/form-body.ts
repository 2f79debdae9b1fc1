import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalidRequest, type ProblemError } from "../domain/problem.ts";
import { contentTypeUnsupported } from "./problem.ts";

/**
 * Takes bodies that are `application/x-www-form-urlencoded`, for the operations that want it, as OAuth says: a parameter
 * may be given once, and one without a value counts as left out.
 * @see RFC 6749 section 3.2 and appendix B
 */
export function acceptFormBodies(app: FastifyInstance): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "buffer" },
    async ({ routeOptions }: FastifyRequest, body: string | Buffer) => {
      const { bodyMediaType = "application/json" } = routeOptions.config;
      if (bodyMediaType !== "application/x-www-form-urlencoded") throw contentTypeUnsupported(bodyMediaType);
      return parseFormBody(Buffer.from(body).toString("latin1"));
    },
  );
}

function parseFormBody(body: string): Readonly<Record<string, string>> {
  const parameters = new Map<string, string>();
  for (const pair of body.split("&")) {
    const [name, value] = splitPair(pair);
    if (name === "" || value === "") continue;
    if (parameters.has(name)) throw repeated(name);
    parameters.set(name, value);
  }
  return Object.fromEntries(parameters);
}

function splitPair(pair: string): readonly [string, string] {
  const equals = pair.indexOf("=");
  return equals < 0 ? [decode(pair), ""] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
}

/** Neither half an escape nor half a character is guessed at. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw invalidRequest({
      pointer: "/body",
      code: "format_wrong",
      message: "must be form-urlencoded: names and values percent-encoded UTF-8",
    });
  }
}

function repeated(name: string): ProblemError {
  const place = name.slice(0, 100).replaceAll("~", "~0").replaceAll("/", "~1");
  return invalidRequest({ pointer: `/body/${place}`, code: "fields_conflict", message: "must be given once" });
}
