import type { FastifyInstance, FastifyRequest } from "fastify";

/** Makes a span of a request; see `server/tracing`. */
export type RequestTracer = {
  beginRequest(
    traceparent: string | undefined,
    next: () => void,
  ): (name: string, attributes: Readonly<Record<string, string | number>>, hasFailed: boolean) => void;
};

/** Makes each request a span: its operation, status and token id. Never a header, a query, a body or a path as it came. */
export function traceRequests(app: FastifyInstance, tracer: RequestTracer): void {
  const ends = new WeakMap<FastifyRequest, ReturnType<RequestTracer["beginRequest"]>>();
  app.addHook("onRequest", (request, _reply, done) => {
    const { traceparent } = request.headers;
    ends.set(request, tracer.beginRequest(typeof traceparent === "string" ? traceparent : undefined, done));
  });
  app.addHook("onResponse", async (request, reply) => {
    const { operationId = "none" } = request.routeOptions.config;
    const { url: route } = request.routeOptions;
    const { principal } = request;
    ends.get(request)?.(
      `${request.method} ${route ?? "none"}`,
      {
        "http.request.method": request.method,
        "http.response.status_code": reply.statusCode,
        ...(route === undefined ? {} : { "http.route": route }),
        "orgtokens.operation": operationId,
        "orgtokens.request_id": request.id,
        ...(principal?.type === "api_token" ? { "orgtokens.token_id": principal.apiTokenId } : {}),
      },
      reply.statusCode >= 500,
    );
  });
}
