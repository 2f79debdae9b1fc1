import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OtlpExporter } from "../../../server/tracing/otlp-exporter.ts";
import { type Span, Tracer } from "../../../server/tracing/tracer.ts";
import { eventually } from "../../support/clock.ts";
import { initialiseDatabase, startServerProcess } from "../../support/server-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { startTraceReceiver } from "../../support/trace-receiver.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const above = "00f067aa0ba902b7";

/** A server that sends its traces to a receiver of this test. */
async function startTraced(status?: number) {
  const folder = await temporaryFolder();
  const database = join(folder, "a.sqlite");
  const token = await initialiseDatabase(folder, database);
  const receiver = await startTraceReceiver(status);
  const server = await startServerProcess(["--database", database, "--port", "0"], {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: "x-collector-key=abc",
  });
  return { server, receiver, token };
}

test("a request is a span of its caller's trace, and its transaction and its verification are spans below it", async () => {
  const { server, receiver, token } = await startTraced();
  const headers = { "X-API-KEY": token, "Content-Type": "application/json", traceparent: `00-${traceId}-${above}-01` };
  const body = JSON.stringify({ label: "Seen", role: "developer" });
  const created = await fetch(`${server.endpoint}/v2/api-tokens`, { method: "POST", headers, body });
  expect(created.status).toBe(201);
  const { token: secret } = await created.json();
  expect(await server.end("SIGTERM")).toBe(0);
  const spans = receiver.spans().filter((span) => span.traceId === traceId);
  const request = spans.find(({ name }) => name === "POST /v2/api-tokens");
  expect(request).toMatchObject({
    parentSpanId: above,
    kind: 2,
    attributes: {
      "http.route": "/v2/api-tokens",
      "http.response.status_code": "201",
      "orgtokens.operation": "createApiToken",
      "orgtokens.token_id": expect.stringMatching(/^[0-9a-f]{24}$/),
      "orgtokens.request_id": created.headers.get("x-request-id"),
    },
  });
  for (const name of ["transaction", "verification batch"]) {
    const below = spans.find((span) => span.name === name);
    expect(below, name).toMatchObject({ parentSpanId: request?.spanId, kind: 3 });
    expect(BigInt(below?.startTimeUnixNano ?? 0) >= BigInt(request?.startTimeUnixNano ?? 0)).toBe(true);
    expect(BigInt(below?.endTimeUnixNano ?? 0) <= BigInt(request?.endTimeUnixNano ?? 0)).toBe(true);
  }
  const sent = receiver.requests.map((each) => each.body).join("");
  for (const hidden of [token, secret, "Seen", "ada@test.example"]) expect(sent).not.toContain(hidden);
  expect(receiver.requests[0]).toMatchObject({ url: "/v1/traces", headers: { "x-collector-key": "abc" } });
});

test("a request without a trace begins one, and one whose trace nobody wants to see is not sent", async () => {
  const { server, receiver, token } = await startTraced();
  await server.send("GET", "/v2/me", token);
  await fetch(`${server.endpoint}/v2/organization`, {
    headers: { "X-API-KEY": token, traceparent: `00-${traceId}-${above}-00` },
  });
  await fetch(`${server.endpoint}/v2/${token}`);
  expect(await server.end("SIGTERM")).toBe(0);
  const names = receiver.spans().map(({ name }) => name);
  expect(names).toContain("GET /v2/me");
  expect(names).not.toContain("GET /v2/organization");
  const begun = receiver.spans().find(({ name }) => name === "GET /v2/me");
  expect(begun).not.toHaveProperty("parentSpanId");
  expect(begun?.traceId).toMatch(/^[0-9a-f]{32}$/);
  expect(receiver.requests.map(({ body }) => body).join("")).not.toContain(token);
});

test("a collector that refuses is said so once a batch, and troubles no request", async () => {
  const { server, token } = await startTraced(500);
  expect((await server.send("GET", "/v2/me", token)).status).toBe(200);
  expect(await server.end("SIGTERM")).toBe(0);
  expect(server.log()).toContain("Traces could not be sent: The collector answered 500.");
});

test("what fails is marked, and work for no request has no span", async () => {
  const spans: Span[] = [];
  const tracer = new Tracer({ nowMs: () => 1, randomBytes, onEnd: (span) => void spans.push(span) });
  expect(await tracer.trace("purge", {}, async () => 1)).toBe(1);
  expect(spans).toEqual([]);
  const fails = () =>
    tracer.trace("transaction", {}, async () => {
      throw new Error("the disk is gone");
    });
  let running: Promise<unknown> | undefined;
  const end = tracer.beginRequest(undefined, () => {
    running = fails();
  });
  await expect(running).rejects.toThrow("the disk is gone");
  end("GET /a", {}, true);
  expect(spans.map(({ name, hasFailed }) => [name, hasFailed])).toEqual([
    ["transaction", true],
    ["GET /a", true],
  ]);
  expect(spans[0]?.parentSpanId).toBe(spans[1]?.spanId);
});

test("a collector that hangs gets no more spans than fit, and closing waits for it only as long as a request may take", async () => {
  const sizes: number[] = [];
  let release: (() => void) | undefined;
  const errors: unknown[] = [];
  const exporter = new OtlpExporter({
    endpoint: "http://127.0.0.1:1",
    headers: {},
    serviceName: "test",
    serviceVersion: "1",
    onError: (error) => void errors.push(error),
    fetch: async (_url, init) => {
      sizes.push(JSON.parse(String(init?.body)).resourceSpans[0].scopeSpans[0].spans.length);
      expect(init?.signal).toBeInstanceOf(AbortSignal);
      if (sizes.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return new Response("{}");
    },
  });
  const span = { traceId, spanId: above, parentSpanId: undefined, name: "a", kind: "server", startedAtMs: 1 } as const;
  for (let index = 0; index < 5000; index += 1)
    exporter.add({ ...span, endedAtMs: 2, attributes: {}, hasFailed: false });
  await eventually(() => release);
  release?.();
  await exporter.close();
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2048);
  expect(Math.max(...sizes)).toBe(512);
  expect(errors).toEqual([]);
});
