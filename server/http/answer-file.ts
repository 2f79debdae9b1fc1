import type { FastifyReply, FastifyRequest } from "fastify";
import type { PageFile } from "./page-files.ts";

/** Answers a file, in an encoding that the client takes. */
export function answerFile(file: PageFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  void reply.type(file.mediaType).header("Vary", "Accept-Encoding");
  for (const [encoding, bytes] of [
    ["br", file.br],
    ["gzip", file.gzip],
  ] as const) {
    if (bytes !== undefined && accepts(request, encoding)) {
      return reply.header("Content-Encoding", encoding).send(bytes);
    }
  }
  return reply.send(file.identity);
}

/** @see RFC 9110 section 12.5.3 */
function accepts(request: FastifyRequest, encoding: string): boolean {
  const given = String(request.headers["accept-encoding"] ?? "").toLowerCase();
  const offers = given.split(",").map((offer) => offer.trim().split(/\s*;\s*q\s*=\s*/));
  return offers.some(([name, quality = "1"]) => name === encoding && Number(quality) > 0);
}
