import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createServerCertificate } from "../../../provider/protocol/certificate.ts";
import { type GrpcMethod, GrpcServer } from "../../../provider/protocol/grpc-server.ts";
import { GrpcError, grpcStatus } from "../../../provider/protocol/grpc-status.ts";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { type PluginAddress, PluginConnection } from "../../../provider/testing/plugin-connection.ts";
import { until } from "./plugin-host.ts";

const certificate = createServerCertificate(new Date());
const host = createHostCertificate();
const errors: unknown[] = [];
const refusals: string[] = [];
const aborted: unknown[] = [];
let open = 0;
let staying = 0;

const unary = (call: (request: Buffer, signal: AbortSignal) => Promise<Uint8Array>): GrpcMethod => ({
  kind: "unary",
  call,
});
const untilAborted = (signal: AbortSignal) =>
  once(signal, "abort").then(() => {
    aborted.push(signal.reason);
    return Buffer.alloc(0);
  });
const methods = new Map<string, GrpcMethod>([
  ["/test/Echo", unary(async (request) => request)],
  [
    "/test/Refuse",
    unary(async () => {
      throw new GrpcError(grpcStatus.notFound, "Not here: 100 % gone,\nGrüße.");
    }),
  ],
  [
    "/test/Break",
    unary(async () => {
      throw new Error("hunter2");
    }),
  ],
  ["/test/Wait", unary((_, signal) => untilAborted(signal))],
  [
    "/test/Stay",
    {
      kind: "stream",
      isLasting: true,
      async *call(_, signal) {
        staying += 1;
        await once(signal, "abort");
        yield* [];
      },
    },
  ],
  [
    "/test/Count",
    {
      kind: "stream",
      async *call() {
        for (let i = 0; i < 3; i += 1) yield Buffer.of(i);
      },
    },
  ],
]);
const createTestServer = () =>
  new GrpcServer({
    findMethod: async (path) => methods.get(path),
    tls: { ...certificate, clientCertificatePem: host.certificatePem },
    onMethodError: (_, error) => errors.push(error),
    onRefused: (reason) => refusals.push(reason),
    onConnections: (count) => {
      open = count;
    },
  });
const server = createTestServer();
let handshake: PluginAddress;
let connection: PluginConnection;

async function listen({ listener }: GrpcServer): Promise<PluginAddress> {
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return { network: "tcp", address: `127.0.0.1:${port}`, certificatePem: certificate.certificatePem };
}

beforeAll(async () => {
  handshake = await listen(server);
  connection = await PluginConnection.open(handshake, host);
});
afterAll(async () => {
  connection.close();
  await server.close(0);
});

describe("a call", () => {
  test("is answered with its message and status OK", async () => {
    const message = Buffer.alloc(3_000_000, "x");
    expect(await connection.call("/test/Echo", message)).toMatchObject({ status: grpcStatus.ok, body: message });
    expect((await connection.call("/test/Echo")).status).toBe(grpcStatus.ok);
  });

  test("of an unknown method is UNIMPLEMENTED", async () => {
    expect(await connection.call("/test/Nothing")).toMatchObject({ status: grpcStatus.unimplemented });
  });

  test("that is refused carries status and text, whatever the characters", async () => {
    expect(await connection.call("/test/Refuse")).toMatchObject({
      status: grpcStatus.notFound,
      message: "Not here: 100 % gone,\nGrüße.",
    });
  });

  test("that fails unexpectedly is UNKNOWN without the error's text, which goes to the log", async () => {
    const answer = await connection.call("/test/Break");
    expect(answer.status).toBe(grpcStatus.unknown);
    expect(answer.message).not.toContain("hunter2");
    expect(errors).toContainEqual(new Error("hunter2"));
  });

  test("ends at its deadline", async () => {
    const answer = await connection.call("/test/Wait", undefined, { "grpc-timeout": "50m" });
    expect(answer.status).toBe(grpcStatus.deadlineExceeded);
    await until(() =>
      aborted.some((reason) => reason instanceof GrpcError && reason.status === grpcStatus.deadlineExceeded),
    );
  });

  test("is aborted when the client goes away", async () => {
    const other = await PluginConnection.open(handshake, host);
    void other.call("/test/Wait").catch(() => {});
    await until(() => open === 2);
    await other.call("/test/Echo");
    other.close();
    await until(() => aborted.some((reason) => reason instanceof GrpcError && reason.status === grpcStatus.cancelled));
    await until(() => open === 1);
  });

  test.each([
    ["a compressed message", Buffer.from("0100000000", "hex"), grpcStatus.unimplemented],
    ["an unknown flag", Buffer.from("0700000000", "hex"), grpcStatus.internal],
    ["a message of 4 GiB", Buffer.from("00ffffffff", "hex"), grpcStatus.resourceExhausted],
    ["a message cut short", Buffer.from("000000000961", "hex"), grpcStatus.internal],
    ["half a prefix", Buffer.from("0000", "hex"), grpcStatus.internal],
    ["no message", Buffer.alloc(0), grpcStatus.internal],
    ["two messages", Buffer.from("00000000000000000000", "hex"), grpcStatus.internal],
  ])("with %s fails by itself", async (_, body, status) => {
    expect((await connection.send("/test/Echo", body)).status).toBe(status);
    expect((await connection.call("/test/Echo")).status).toBe(grpcStatus.ok);
  });

  test("with a malformed deadline is INTERNAL", async () => {
    expect((await connection.call("/test/Echo", undefined, { "grpc-timeout": "soon" })).status).toBe(
      grpcStatus.internal,
    );
  });

  test("that is no gRPC is refused by HTTP", async () => {
    const answer = await connection.call("/test/Echo", undefined, { "content-type": "text/plain" });
    expect(answer.status).toBe(-1);
  });

  test("may be answered by many messages", async () => {
    const { status, bodies } = await connection.call("/test/Count");
    expect([status, ...bodies.map((body) => body.toString("hex"))]).toEqual([grpcStatus.ok, "00", "01", "02"]);
  });

  test("one of a hundred at the same time gets its own answer", async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => connection.call("/test/Echo", Buffer.of(i))),
    );
    expect(answers.map(({ body }) => body[0])).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

describe("mutual TLS", () => {
  test("refuses a client without a certificate", async () => {
    await expect(PluginConnection.open(handshake)).rejects.toThrow();
    await until(() => refusals.includes("ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE"));
  });

  test("refuses a client with another certificate", async () => {
    const before = refusals.length;
    await expect(PluginConnection.open(handshake, createHostCertificate())).rejects.toThrow();
    await until(() => refusals.length > before);
  });

  test("refuses a client whose certificate the host's certificate signed", async () => {
    await expect(PluginConnection.open(handshake, createHostCertificate(host))).rejects.toThrow();
    await until(() => refusals.includes("another client certificate"));
  });

  test("lets the host itself in, still", async () => {
    const other = await PluginConnection.open(handshake, host);
    expect((await other.call("/test/Echo", Buffer.of(7))).body).toEqual(Buffer.of(7));
    other.close();
  });
});

test("a server ends as soon as the streams of a client do that has said goodbye", async () => {
  const ending = createTestServer();
  const leaving = await PluginConnection.open(await listen(ending), host);
  const stay = leaving.call("/test/Stay");
  await until(() => staying > 0);
  leaving.session.goaway();
  await new Promise((resolve) => leaving.session.ping(resolve));
  // Longer than the test may take: Terraform waits for this after each of its commands.
  await ending.close(60_000);
  expect((await stay).status).toBe(grpcStatus.ok);
});
