import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { onTestFinished } from "vitest";

/** A span as it came in. */
export type ReceivedSpan = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly status?: { readonly code: number };
};

/** An OpenTelemetry collector that keeps what it is sent. */
export type TraceReceiver = {
  readonly endpoint: string;
  readonly requests: readonly { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[];
  spans(): readonly ReceivedSpan[];
};

/** Starts a collector on a free port; it ends with the test. `status` is what it answers. */
export async function startTraceReceiver(status = 200): Promise<TraceReceiver> {
  const requests: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      requests.push({ url: request.url ?? "", headers: request.headers, body });
      response.writeHead(status, { "Content-Type": "application/json" }).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const at = server.address();
  return {
    endpoint: `http://127.0.0.1:${typeof at === "object" ? at?.port : 0}`,
    requests,
    spans: () => requests.flatMap(({ body }) => readSpans(JSON.parse(body))),
  };
}

type Sent = {
  resourceSpans: { scopeSpans: { spans: (Omit<ReceivedSpan, "attributes"> & { attributes: SentAttribute[] })[] }[] }[];
};
type SentAttribute = { key: string; value: { stringValue?: string; intValue?: string } };

function readSpans({ resourceSpans }: Sent): readonly ReceivedSpan[] {
  const spans = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map(({ attributes, ...span }) => ({
    ...span,
    attributes: Object.fromEntries(
      attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? ""]),
    ),
  }));
}
