import { X509Certificate } from "node:crypto";
import { WriteStream } from "node:tty";
import { describe, expect, test } from "vitest";
import { createServerCertificate } from "../../../provider/protocol/certificate.ts";
import { HandshakeError, handshakeLine, readHostRequest } from "../../../provider/protocol/handshake.ts";
import { HostWatch } from "../../../provider/protocol/host-watch.ts";
import { createLog } from "../../../provider/protocol/log.ts";
import { guardStdout } from "../../../provider/protocol/stdout-guard.ts";
import { createHostCertificate } from "../../../provider/testing/host-certificate.ts";
import { cookie, until } from "./plugin-host.ts";

const { certificatePem } = createHostCertificate();
const terraform = {
  TF_PLUGIN_MAGIC_COOKIE: cookie,
  PLUGIN_PROTOCOL_VERSIONS: "5,6",
  PLUGIN_CLIENT_CERT: certificatePem,
  PLUGIN_MIN_PORT: "10000",
  PLUGIN_MAX_PORT: "25000",
};

describe("what the host asks for", () => {
  test("is read from the environment Terraform gives", () => {
    expect(readHostRequest({ ...terraform, PLUGIN_UNIX_SOCKET_DIR: "/run/x" })).toEqual({
      clientCertificatePem: new X509Certificate(certificatePem).toString(),
      unixSocketFolder: "/run/x",
      ports: { min: 10_000, max: 25_000 },
    });
    expect(readHostRequest(terraform).unixSocketFolder).toBeUndefined();
  });

  test.each([
    [{ TF_PLUGIN_MAGIC_COOKIE: undefined }, "Terraform and OpenTofu start it themselves"],
    [{ TF_PLUGIN_MAGIC_COOKIE: "x" }, "Terraform and OpenTofu start it themselves"],
    [{ PLUGIN_PROTOCOL_VERSIONS: "4,5" }, "speaks plugin protocol 6; its host offers 4, 5"],
    [{ PLUGIN_PROTOCOL_VERSIONS: undefined }, "its host offers none"],
    [{ PLUGIN_PROTOCOL_VERSIONS: "16,66" }, "its host offers 16, 66"],
    [{ PLUGIN_CLIENT_CERT: undefined }, "offers no client certificate"],
    [{ PLUGIN_CLIENT_CERT: "" }, "offers no client certificate"],
    [{ PLUGIN_CLIENT_CERT: "x" }, "holds no certificate in PEM form"],
    [{ PLUGIN_MIN_PORT: "-1" }, "PLUGIN_MIN_PORT must be a port number"],
    [{ PLUGIN_MAX_PORT: "65536" }, "PLUGIN_MAX_PORT must be a port number"],
  ])("%j is refused with an explanation", (change, text) => {
    expect(() => readHostRequest({ ...terraform, ...change })).toThrow(HandshakeError);
    expect(() => readHostRequest({ ...terraform, ...change })).toThrow(text);
  });
});

describe("the handshake line", () => {
  const { certificateDer } = createServerCertificate(new Date());
  const base64 = certificateDer.toString("base64").replaceAll("=", "");

  test("names core and plugin protocol, a socket, and the certificate without padding", () => {
    for (const padding of [0, 1, 2]) {
      const bytes = Buffer.concat([certificateDer, Buffer.alloc(padding)]);
      const line = handshakeLine({ network: "unix", path: "/tmp/x/socket" }, bytes);
      expect(line).toMatch(/^1\|6\|unix\|\/tmp\/x\/socket\|grpc\|[0-9A-Za-z+/]+\n$/);
    }
  });

  test("names a TCP address", () => {
    expect(handshakeLine({ network: "tcp", host: "127.0.0.1", port: 10_001 }, certificateDer)).toBe(
      `1|6|tcp|127.0.0.1:10001|grpc|${base64}\n`,
    );
  });
});

test.each(["2026-01-01T00:00:00Z", "2049-12-31T23:59:59Z", "2051-01-01T00:00:00Z"])(
  "the certificate of %s is one OpenSSL reads: localhost, P-256, valid from before now for about a month",
  (time) => {
    const now = new Date(time);
    const certificate = new X509Certificate(createServerCertificate(now).certificateDer);
    expect(certificate.checkHost("localhost")).toBe("localhost");
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(now.getTime() - certificate.validFromDate.getTime()).toBe(30_000);
    expect(certificate.validToDate.getTime() - now.getTime()).toBe(30 * 24 * 3_600_000);
  },
);

describe("the guard of standard output", () => {
  function guarded() {
    const lines: string[] = [];
    const written: string[] = [];
    const stream = Object.create(WriteStream.prototype, {
      write: { writable: true, value: (text: string) => written.push(text) > 0 },
    });
    const log = createLog({
      level: "trace",
      module: "provider",
      write: (line) => lines.push(JSON.parse(line).text),
      now: () => new Date(),
    });
    return { stream, lines, written, print: guardStdout(stream, log) };
  }

  test("turns what others write into lines of the log", () => {
    const { stream, lines, written } = guarded();
    stream.write("one\ntw");
    stream.write(Buffer.from("o\n\n"));
    expect(lines).toEqual(["one", "two"]);
    expect(written).toEqual([]);
  });

  test("lets the handshake through", () => {
    const { print, written } = guarded();
    print("1|6\n");
    expect(written).toEqual(["1|6\n"]);
  });

  test("keeps no endless line in memory", () => {
    const { stream, lines } = guarded();
    stream.write("x".repeat(10_000));
    expect(lines).toHaveLength(1);
  });

  test("tells a writer that its text was taken", async () => {
    const { stream } = guarded();
    await new Promise((resolve) => stream.write("x", "utf8", resolve));
  });
});

describe("the watch over the host", () => {
  const limits = { firstConnectionMs: 60, reconnectMs: 60, pollMs: 5 };
  function watched(changes: Partial<typeof limits> = {}) {
    const reasons: string[] = [];
    const parent = { id: 7 };
    const watch = new HostWatch({
      parentId: () => parent.id,
      onGone: (reason) => reasons.push(reason),
      limits: { ...limits, ...changes },
    });
    return { watch, reasons, parent };
  }

  test("ends a provider nobody connects to, once", async () => {
    const { watch, reasons } = watched();
    await until(() => reasons.length > 0);
    watch.connectionsChanged(0);
    const other = watched();
    await until(() => other.reasons.length > 0);
    expect(reasons).toEqual(["Nobody connected to the provider."]);
  });

  test("ends a provider whose last connection closed for good, and not one with a connection", async () => {
    const { watch, reasons } = watched();
    watch.connectionsChanged(1);
    const other = watched({ firstConnectionMs: 120 });
    await until(() => other.reasons.length > 0);
    expect(reasons).toEqual([]);
    watch.connectionsChanged(2);
    watch.connectionsChanged(1);
    watch.connectionsChanged(0);
    await until(() => reasons.length > 0);
    expect(reasons).toEqual(["The host closed its connection."]);
  });

  test("ends a provider whose parent has ended before it connected", async () => {
    const { reasons, parent } = watched({ firstConnectionMs: 60_000 });
    parent.id = 1;
    await until(() => reasons.length > 0);
    expect(reasons).toEqual(["The host process has ended."]);
  });
});
