import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { ProblemError } from "../domain/problem.ts";
import { problemAnswer } from "./problem.ts";

/**
 * Answers what Node cannot read as a request, or not in time, with a problem, and ends the connection. One that is gone gets none.
 * The log tells the code and the address, never what came: it may hold a token.
 */
export function refuseConnection(
  error: Error & { readonly code?: string },
  socket: Socket,
  log: Pick<FastifyBaseLogger, "info">,
): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const requestId = randomUUID();
  const { problem } = problemAnswer(explain(error.code), {
    id: requestId,
    bodyMediaType: "application/json",
    authorization: undefined,
  });
  log.info({ requestId, code: problem.code, status: problem.status, ip: socket.remoteAddress }, "request refused");
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    `X-Request-Id: ${requestId}`,
    "Cache-Control: no-store",
    "X-Content-Type-Options: nosniff",
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  if (socket.writable) socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
  socket.destroySoon();
}

/** By the codes of Node and of its parser. */
function explain(code: string | undefined): ProblemError {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new ProblemError(
        "request_incomplete",
        "The request did not arrive in time. Send it again. Nothing was changed.",
      );
    case "HPE_HEADER_OVERFLOW":
      return new ProblemError("header_too_large", "Send at most 16384 bytes of header fields. Nothing was changed.");
    default:
      return new ProblemError(
        "http_malformed",
        "What came is no HTTP request. Check the client, and proxies before it.",
      );
  }
}
