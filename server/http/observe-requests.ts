import type { FastifyInstance } from "fastify";

/** Told of each answered request: its operation, undefined when it was for none, its status, and how long it took. */
export type RequestObserver = (operationId: string | undefined, status: number, durationMs: number) => void;

/** Tells `observe` of each answered request. */
export function observeRequests(app: FastifyInstance, observe: RequestObserver): void {
  app.addHook("onResponse", async (request, reply) => {
    observe(request.routeOptions.config.operationId, reply.statusCode, reply.elapsedTime);
  });
}
