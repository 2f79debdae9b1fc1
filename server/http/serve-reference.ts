import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { FastifyInstance } from "fastify";
import { answerFile } from "./answer-file.ts";
import type { PageFile } from "./page-files.ts";

/** A file about the contract, by its path on this server. */
export type ServedFile = { readonly path: string; readonly mediaType: string; readonly content: string };

/** Nothing from anywhere but a style sheet from here: the reference needs no script. */
const headers = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  // Kept, and asked about each time: the server may have been updated.
  "Cache-Control": "no-cache",
};

/**
 * Serves what people and programs read about the contract, to everybody. Its paths are no operations of the contract,
 * which does not describe what describes it. `createFiles` is called once, when somebody first asks.
 */
export function serveReference(
  app: FastifyInstance,
  paths: readonly string[],
  createFiles: () => readonly ServedFile[],
): void {
  let files: ReadonlyMap<string, PageFile> | undefined;
  for (const path of paths) {
    app.get(path, (request, reply) => {
      files ??= new Map(createFiles().map((file) => [file.path, compress(file)]));
      const file = files.get(path);
      if (file === undefined) throw new Error(`There is no file ${path}.`);
      void reply.headers(headers).header("ETag", file.etag);
      if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
      return answerFile(file, request, reply);
    });
  }
}

function compress({ mediaType, content }: ServedFile): PageFile {
  const identity = Buffer.from(content);
  const etag = `"${createHash("sha256").update(identity).digest("base64url").slice(0, 22)}"`;
  return { mediaType, etag, identity, br: undefined, gzip: gzipSync(identity) };
}
