import type { FastifyInstance } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { answerFile } from "./answer-file.ts";
import type { Page } from "./page-files.ts";

/** What is served: a built page, or the advice to build it. */
export type PageOptions = {
  /** Undefined when it was not built. */
  readonly page: Page | undefined;
  /** Tells browsers to come back by https only: true when people reach the server by it. */
  readonly strictTransport: boolean;
};

/** The first page of the admin page. */
const firstPath = "/organization/api-tokens";
/** Paths of the page that its own script tells apart. Each answers with the same document. */
const documentPaths = ["/organization/*", "/sign-in", "/sign-in/link"];

/** No script, style, image or connection but from this server, none of it inline, and no frame around it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const pageHeaders = {
  "Content-Security-Policy": contentSecurityPolicy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
};
/** Two years, in seconds. */
const strictTransportHeader = { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" };

/** Serves the admin page. Its paths are no operations of the contract: the page is a client of those. */
export function servePage(app: FastifyInstance, { page, strictTransport }: PageOptions): void {
  const headers = { ...pageHeaders, ...(strictTransport ? strictTransportHeader : {}) };
  for (const url of ["/", "/organization"]) app.get(url, (_request, reply) => reply.redirect(firstPath, 302));
  for (const url of documentPaths) {
    app.get(url, (request, reply) => {
      if (page === undefined) throw notBuilt();
      return answerFile(page.document, request, reply.headers(headers));
    });
  }
  for (const [url, file] of page?.assets ?? []) {
    app.get(url, (request, reply) => {
      // Its name changes with its content.
      void reply.headers(headers).header("Cache-Control", "public, max-age=31536000, immutable");
      void reply.header("ETag", file.etag);
      if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
      return answerFile(file, request, reply);
    });
  }
}

function notBuilt(): ProblemError {
  return new ProblemError(
    "service_unavailable",
    "The admin page was not built when this server started. Run npm run setup in the repository and start the server again.",
  );
}
