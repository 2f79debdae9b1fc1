import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type Client, createClient } from "@orgtokens/sdk";
import { onTestFinished } from "vitest";

/** What an edge does with a request. */
export type EdgeAnswer = (request: IncomingMessage, response: ServerResponse) => void;

/** A network's edge that answers as a test says, and a client of it. */
export type Edge = {
  readonly endpoint: string;
  /** Every request so far. */
  readonly requests: readonly IncomingMessage[];
  readonly client: Client;
};

/** The token that the client of an edge has. */
export const apiToken = "tok_0123456789abcdefghijABCDEFGHIJ000000";

/** A server of the test's own, which ends with it. `answers` are given in turn, the last one ever after. */
export async function edge(...answers: readonly EdgeAnswer[]): Promise<Edge> {
  const requests: IncomingMessage[] = [];
  const listener = createServer((request, response) => {
    requests.push(request);
    answers[Math.min(requests.length, answers.length) - 1]?.(request, response);
  }).listen(0, "127.0.0.1");
  await once(listener, "listening");
  onTestFinished(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const at = listener.address();
  const endpoint = `http://127.0.0.1:${typeof at === "object" && at !== null ? at.port : 0}`;
  return { endpoint, requests, client: createClient({ endpoint, apiToken, userAgent: "test/1" }) };
}

/** Answers with JSON. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): EdgeAnswer {
  return (_, response) =>
    void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Answers that the service is unavailable. */
export const unavailable: EdgeAnswer = json(503, {
  type: "/problems/service_unavailable",
  title: "The service is unavailable",
  status: 503,
  detail: "Try again shortly.",
  code: "service_unavailable",
  requestId: "r-1",
});

/** Breaks the connection without an answer. */
export const hangUp: EdgeAnswer = (request) => void request.socket.destroy();

/** Answers that all is well. */
export const ok: EdgeAnswer = json(200, { status: "ok" });
