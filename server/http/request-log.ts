import type { FastifyInstance } from "fastify";

/** Logs one line per request: what was asked, by which token, with which outcome. Never headers, bodies or queries. */
export function logRequests(app: FastifyInstance): void {
  app.addHook("onResponse", async (request, reply) => {
    const { principal } = request;
    request.log.info(
      {
        requestId: request.id,
        operationId: request.routeOptions.config.operationId,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
        ip: request.ip,
        ...(principal === undefined ? {} : { apiTokenId: principal.apiTokenId, apiTokenLabel: principal.label }),
      },
      "request",
    );
  });
}
