import type { FastifyInstance } from "fastify";
import type { Principal } from "../domain/principal.ts";

/** Logs one line per request: what was asked, by whom, with which outcome. Never headers, bodies or queries. */
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
        ...whoOf(principal),
      },
      "request",
    );
  });
}

function whoOf(principal: Principal | undefined): Readonly<Record<string, string>> {
  switch (principal?.type) {
    case undefined:
      return {};
    case "api_token":
      return { apiTokenId: principal.apiTokenId, apiTokenLabel: principal.label };
    case "user":
      return { userId: principal.userId, userEmail: principal.email };
  }
}
