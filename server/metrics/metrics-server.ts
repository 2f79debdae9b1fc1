import { createServer, type Server } from "node:http";
import type { ServerMetrics } from "./server-metrics.ts";

/**
 * Makes a server that answers `GET /metrics`, and nothing else. It never listens by itself: the caller gives it an
 * address that only the operator's scraper reaches, as nobody is asked who he is.
 */
export function createMetricsServer(metrics: Pick<ServerMetrics, "render">): Server {
  return createServer((request, response) => {
    const isScrape =
      request.url?.split("?")[0] === "/metrics" && (request.method === "GET" || request.method === "HEAD");
    if (!isScrape) {
      response.writeHead(404, { "Content-Type": "text/plain" }).end("The metrics are at /metrics.\n");
      return;
    }
    metrics.render().then(
      (text) => response.writeHead(200, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" }).end(text),
      () => response.writeHead(503).end(),
    );
  });
}
